"""Against a real receiver on this machine."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from datasete.plugin import BatchProgress, ConfigError, Gate, InvalidInput, StoreUnavailable
from datasete.testing.observers import ObserverConformance
from datasete.testing.triggers import TriggerConformance

import datasete_webhook

GATE = Gate("0b4f9d84-6a52-4f6c-8f5e-2f1d0f6f0f6f", "7", 0, routes=2, frames=1, width=640, height=480)


class Receiver:
    """Records what is posted to it, and answers with `status`."""

    def __init__(self):
        self.heard, self.status, receiver = [], 200, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.heard.append((self.headers.get("Authorization"), json.loads(body)))
                self.send_response(receiver.status)
                self.send_header("Location", f"{receiver.url}elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/hunter2?key=hunter2"


@contextmanager
def listening():
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=[0.02])
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy_in_between(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def receiver(monkeypatch):
    with listening() as receiver:
        for variable in (datasete_webhook.NOTICES, datasete_webhook.QUEUE):
            monkeypatch.setenv(variable, receiver.url)
        yield receiver


@pytest.fixture
def nobody(monkeypatch):
    """An address where nothing listens any more."""
    with listening() as receiver:
        url = receiver.url
    for variable in (datasete_webhook.NOTICES, datasete_webhook.QUEUE):
        monkeypatch.setenv(variable, url)


class TestTheTrigger(TriggerConformance):
    trigger = "webhook"
    plugin = datasete_webhook
    elsewhere = True

    @pytest.fixture(autouse=True)
    def listening(self, receiver):
        self.receiver = receiver


class TestTheObserver(ObserverConformance):
    plugin = datasete_webhook

    @pytest.fixture(autouse=True)
    def listening(self, receiver):
        pass


class TestTheObserverWithNobodyThere(ObserverConformance):
    plugin = datasete_webhook

    @pytest.fixture(autouse=True)
    def silent(self, nobody):
        pass


def job(**changes):
    made = TestTheTrigger().job([])
    return type(made)(**{**vars(made), **changes})


def test_notices_say_what_happened(receiver):
    datasete_webhook.datasete_gate_opened(GATE)
    datasete_webhook.datasete_slot_published("portrait", "0" * 32)
    datasete_webhook.datasete_batch_finished(BatchProgress("key", "photos", 2, 3, 3, 0, "finished"))
    events = [body["event"] for _, body in receiver.heard]
    assert events == ["gate_opened", "slot_published", "batch_finished"]
    assert receiver.heard[0][1]["data"]["node_id"] == "7"
    assert receiver.heard[1][1]["data"] == {"slot": "portrait", "version": "0" * 32}
    assert receiver.heard[2][1]["data"]["folder"] == "photos"


def test_the_token_goes_along_and_nowhere_else(receiver, monkeypatch, caplog):
    monkeypatch.setenv(datasete_webhook.TOKEN, "hunter2-token")
    datasete_webhook.datasete_gate_opened(GATE)
    assert receiver.heard[0][0] == "Bearer hunter2-token"
    assert "hunter2" not in json.dumps(receiver.heard[0][1]) + caplog.text


def test_without_an_address_nothing_is_sent(monkeypatch, caplog):
    monkeypatch.delenv(datasete_webhook.NOTICES, raising=False)
    datasete_webhook.datasete_gate_opened(GATE)
    assert caplog.text == ""


def test_a_receiver_that_fails_is_one_line_without_its_address(receiver, caplog):
    receiver.status = 500
    datasete_webhook.datasete_slot_published("portrait", "0" * 32)
    assert "answered “slot_published” with status 500" in caplog.text
    assert len(caplog.records) == 1
    assert "hunter2" not in caplog.text


def test_nobody_gets_the_token_by_a_redirect(receiver, caplog):
    receiver.status = 307
    datasete_webhook.datasete_slot_published("portrait", "0" * 32)
    assert len(receiver.heard) == 1
    assert "status 307" in caplog.text


def test_a_run_is_handed_over_as_comfyui_takes_it(receiver):
    asked = job()
    assert datasete_webhook.datasete_queue_trigger(asked).carried
    ((_, body),) = receiver.heard
    assert body["prompt"] == asked.prompt
    assert (body["prompt_id"], body["extra_data"]["datasete_ticket"]) == (asked.ticket, asked.ticket)
    assert body["steps"] == 1


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_refusal_stops_the_batch_with_a_sentence(receiver, status):
    receiver.status = status
    with pytest.raises(InvalidInput, match=f"status {status}.*keeps its position") as caught:
        datasete_webhook.datasete_queue_trigger(job())
    assert "hunter2" not in str(caught.value)


def test_no_answer_stops_the_batch_with_a_sentence(nobody):
    with pytest.raises(StoreUnavailable, match="gave no answer") as caught:
        datasete_webhook.datasete_queue_trigger(job())
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "hunter2"])
def test_an_address_that_cannot_be_used_is_not_shown(monkeypatch, url):
    monkeypatch.setenv(datasete_webhook.QUEUE, url)
    with pytest.raises(ConfigError, match=datasete_webhook.QUEUE) as caught:
        datasete_webhook.datasete_queue_trigger(job())
    assert "hunter2" not in str(caught.value)
