"""``datasete run``: a whole walk from the command line."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from datasete.cli import main


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "input" / "photos"
    folder.mkdir(parents=True)
    for number in range(3):
        Image.new("RGB", (8, 6), (number, 0, 0)).save(folder / f"{number}.png")
    return tmp_path / "data"


@pytest.fixture
def workflow(tmp_path):
    def write(**inputs):
        loader = {"directory": "photos", "filter_preset": "All Images", "iteration_mode": "Continue"}
        saver = {"image": ["1", 0], "quality": 100, "overwrite_mode": "Rename", "output_base_name": ["1", 5]}
        graph = {
            "1": {
                "class_type": "BatchImageLoader",
                "inputs": {**loader, "error_handling": "Stop on error", **inputs},
            },
            "2": {"class_type": "BatchImageSaver", "inputs": saver},
        }
        path = tmp_path / "workflow.json"
        path.write_text(json.dumps(graph))
        return path

    return write


@pytest.fixture
def call(data, capsys):
    def call(*arguments):
        status = main(["run", *map(str, arguments), "--data", str(data)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def saved(data):
    return sorted(path.name for path in (data / "output").iterdir())


def test_a_batch_is_walked_to_its_end(call, data, workflow):
    assert call(workflow(), "--wait")[:2] == (0, "finished · 3 of 3 · photos\nDone: 3 runs.\n")
    assert saved(data) == ["0.png", "1.png", "2.png"]


def test_a_batch_that_stops_is_a_failure_that_names_the_file(call, data, workflow):
    (data / "input" / "photos" / "1.png").write_bytes(b"broken")
    status, out, _ = call(workflow(), "--wait", "--json")
    assert status == 1
    assert "“1.png” cannot be loaded" in json.loads(out)["reason"]
    assert saved(data) == ["0.png"]


def test_skipped_files_are_no_failure(call, data, workflow):
    (data / "input" / "photos" / "1.png").write_bytes(b"broken")
    status, out, _ = call(workflow(error_handling="Skip on error"), "--wait", "--json")
    assert status == 0
    assert json.loads(out)["batches"][0]["skipped"] == 1


def test_a_workflow_that_is_not_valid_runs_nothing(call, data, workflow):
    status, _, err = call(workflow(filter_preset="Nonsense"), "--wait")
    assert status == 2
    assert "refused" in err


@pytest.fixture
def gated(data, tmp_path):
    """A picture that a gate sends to one of two savers."""
    Image.new("RGB", (8, 6), (9, 0, 0)).save(data / "input" / "one.png")
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "one.png"}},
        "2": {"class_type": "ImageGate", "inputs": {"routes": 2, "image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 1], "filename_prefix": "first"}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["2", 2], "filename_prefix": "second"}},
    }
    path = tmp_path / "gated.json"
    path.write_text(json.dumps(graph))
    return path


def test_a_gate_that_nothing_answers_is_one_line_and_a_failure(call, data, gated):
    status, out, _ = call(gated, "--wait")
    assert status == 1
    assert out.startswith("The gate at node 2 waits for a person")
    assert saved(data) == []


def test_a_policy_answers_it(call, data, gated, monkeypatch):
    monkeypatch.setenv("DATASETE_GATES__POLICY", "headless")
    monkeypatch.setenv("DATASETE_GATES__ROUTE", "2")
    assert call(gated, "--wait")[0] == 0
    assert saved(data) == ["second_00001_.png"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"nodes": [], "links": []}', "null"])
def test_what_is_no_workflow_is_refused(call, tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    assert call(tmp_path / "x.json", "--wait")[0] == 2


def test_a_file_that_is_not_there_is_refused(call, tmp_path):
    assert "cannot be read" in call(tmp_path / "nowhere.json")[2]


def test_without_waiting_a_running_server_is_asked(call, workflow):
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            data = b'{"prompt_id": "p"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    assert call(workflow(), "--url", url)[:2] == (0, "Queued as p.\n")
    assert list(bodies[0]["prompt"]) == ["1", "2"]
    server.shutdown()
    server.server_close()
    thread.join()
    status, _, err = call(workflow(), "--url", url)
    assert status == 1
    assert "no answer" in err


PREVIEW = {"class_type": "PreviewAny", "inputs": {"source": "x"}}
BROKEN = [
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"null",
    b"[]",
    b"{}",
    b'{"prompt": []}',
    b'{"1": 5}',
    b'{"1": {"class_type": ["x"]}}',
    b'{"1": {"class_type": null}}',
    b'{"1": {"class_type": "PreviewAny", "inputs": []}}',
    b'{"1": {"class_type": "PreviewAny", "inputs": null}}',
    b'{"1": {"class_type": "Nope", "_meta": 5}}',
    b'{"1": {"class_type": "PreviewAny", "inputs": {"source": NaN}}}',
    b'{"1": {"class_type": "PreviewAny", "inputs": {"source": [[], 0]}}}',
]


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: content[:40].decode("latin-1"))
def test_a_broken_file_is_status_2_and_one_sentence(call, tmp_path, content):
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    status, out, err = call(path, "--wait")
    assert (status, out) == (2, "")
    assert len(err.splitlines()) <= 3
    assert "Traceback" not in err


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://[::1", "http://x:99999", "http://a b", "http://x\n"])
def test_an_address_that_is_none_is_status_2(call, tmp_path, url):
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps({"1": PREVIEW}))
    status, _, err = call(path, "--url", url)
    assert (status, "is not a server's address" in err) == (2, True)


def test_a_broken_picture_is_a_failure_without_a_traceback(call, data, tmp_path):
    (data / "input" / "broken.png").write_bytes(b"junk")
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "broken.png"}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(graph))
    status, out, err = call(path, "--wait")
    assert (status, "cannot be read" in out + err) == (1, True)
    assert "Traceback" not in err
