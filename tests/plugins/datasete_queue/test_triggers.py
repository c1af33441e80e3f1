"""Every trigger of ``datasete_queue_trigger`` against a real receiver."""

import contextlib
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from datasete.config import PluginSettings
from datasete.errors import ConfigError, InvalidInput, StoreUnavailable
from datasete.hooks.manager import build_hooks
from datasete.plugin import QueueJob, Ticket
from datasete_queue import remote

TICKET = "7b0c9b0e-5a5e-4a8f-8f4c-0d3a5d0c1e11"
PROMPT = {"3": {"class_type": "KSampler", "inputs": {"seed": 7}}}
EXTRA = {
    "datasete_ticket": TICKET,
    "extra_pnginfo": {"workflow": {"nodes": [{"id": 3, "type": "KSampler", "widgets_values": [7, "increment"]}]}},
}
ADVANCED = {"3": {"class_type": "KSampler", "inputs": {"seed": 8}}}


class Receiver:
    """What a host offers: a queue, and messages."""

    def __init__(self):
        self.queued, self.sent = [], []

    def job(self, trigger, url="", client="tab", server=True, ticket=TICKET):
        return QueueJob(
            ticket=ticket,
            batches=("k",),
            trigger=trigger,
            url=url,
            prompt=PROMPT,
            extra_data=EXTRA,
            client_id=client,
            steps=1,
            node_inputs=lambda name: {"required": {"seed": ("INT", {"min": 0, "max": 2**60})}},
            send=lambda event, data, client_id: self.sent.append((event, dict(data), client_id)),
            enqueue=self.enqueue if server else None,
        )

    def enqueue(self, prompt, extra_data):
        self.queued.append((prompt, extra_data))
        return TICKET


class ComfyUI:
    """A ComfyUI as the trigger sees it. `faults` are answers to the next posts: a status, "lost" or "before"."""

    def __init__(self):
        self.queue, self.faults, self.posts = [], [], 0
        self.history = {}
        self.ids = True
        handler = type("Handler", (Handler,), {"comfy": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def take(self, body):
        number = len(self.queue)
        self.queue.append(
            [number, body["prompt_id"] if self.ids else f"own-{number}", body["prompt"], body["extra_data"], []]
        )


class Handler(BaseHTTPRequestHandler):
    comfy: ComfyUI

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.comfy.posts += 1
        fault = self.comfy.faults.pop(0) if self.comfy.faults else None
        if fault == "before":
            self.close_connection = True
            return
        if fault == 400:
            self.answer({"error": {"message": "Prompt outputs failed validation", "details": "no model"}}, 400)
            return
        if fault == 500:
            self.answer({}, 500)
            return
        if fault == 302:
            self.send_response(302)
            self.send_header("Location", f"{self.comfy.url}/elsewhere")
            self.end_headers()
            return
        self.comfy.take(body)
        if fault == "endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b" " * 65536)
            return
        if fault == "lost":
            self.close_connection = True
            return
        self.answer({"prompt_id": body["prompt_id"]})

    def do_GET(self):
        if self.path.startswith("/queue"):
            self.answer({"queue_running": [], "queue_pending": self.comfy.queue})
        else:
            self.answer(self.comfy.history)

    def answer(self, body, status=200):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def fire():
    hooks = build_hooks(PluginSettings())
    yield hooks.queue_trigger
    hooks.close()


@pytest.fixture
def comfy():
    comfy = ComfyUI()
    yield comfy
    comfy.close()


@pytest.mark.parametrize("trigger", ["auto", "server"])
def test_server_queues_the_advanced_prompt_on_the_host(fire, trigger):
    receiver = Receiver()
    assert fire(receiver.job(trigger, client=None)) == Ticket("server", TICKET)
    ((prompt, extra),) = receiver.queued
    assert prompt == ADVANCED
    assert extra["extra_pnginfo"]["workflow"]["nodes"][0]["widgets_values"] == [8, "increment"]
    assert receiver.sent == []


def test_browser_asks_the_tab_that_queued_the_last_run_and_no_other(fire):
    receiver = Receiver()
    assert fire(receiver.job("browser")) == Ticket("browser", carried=False)
    assert receiver.sent == [("datasete-batch-next", {"ticket": TICKET, "workflow": ""}, "tab")]


def test_browser_names_the_workflow_that_is_meant(fire):
    receiver = Receiver()
    job = receiver.job("browser")
    info = {"extra_pnginfo": {"workflow": {"id": "the-one"}}}
    fire(replace(job, extra_data={**job.extra_data, **info}))
    assert receiver.sent[0][1]["workflow"] == "the-one"
    assert receiver.queued == []


def test_browser_says_so_when_no_tab_queued_the_last_run(fire):
    with pytest.raises(InvalidInput, match="no tab queued"):
        fire(Receiver().job("browser", client=None))


def test_impact_sends_the_event_that_other_setups_answer(fire):
    receiver = Receiver()
    assert fire(receiver.job("impact")) == Ticket("impact", carried=False)
    assert receiver.sent == [("impact-add-queue", {}, "tab")]


def test_manual_does_nothing(fire):
    receiver = Receiver()
    assert fire(receiver.job("manual")) == Ticket("manual", carried=False)
    assert (receiver.sent, receiver.queued) == ([], [])


@pytest.mark.parametrize("trigger", ["auto", "server", "browser", "impact", "http", "manual"])
def test_without_a_server_everything_is_declined_quietly(fire, trigger):
    receiver = Receiver()
    assert fire(receiver.job(trigger, server=False)) is None
    assert receiver.sent == []


def test_http_posts_to_the_configured_comfyui(fire, comfy):
    assert fire(Receiver().job("http", comfy.url + "/")) == Ticket("http")
    ((_, prompt_id, prompt, extra, _),) = comfy.queue
    assert (prompt_id, prompt, extra["datasete_ticket"]) == (TICKET, ADVANCED, TICKET)


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("faults", [["lost"], ["before", "lost"], [500, "lost"], ["before"], [500, 500]])
def test_http_queues_once_whatever_is_lost_on_the_way(fire, comfy, faults, ids):
    comfy.faults, comfy.ids = list(faults), ids
    fire(Receiver().job("http", comfy.url))
    assert len(comfy.queue) == 1


def test_http_finds_a_run_that_is_over_already(fire, comfy):
    comfy.faults = ["before"]
    comfy.history = {TICKET: {"prompt": [0, TICKET, {}, {}, []]}}
    fire(Receiver().job("http", comfy.url))
    assert (comfy.posts, comfy.queue) == (1, [])


def test_http_gives_the_refusal_of_the_other_side(fire, comfy):
    comfy.faults = [400]
    with pytest.raises(InvalidInput, match="failed validation no model"):
        fire(Receiver().job("http", comfy.url))
    assert comfy.posts == 1


def test_http_follows_no_redirect(fire, comfy):
    comfy.faults = [302]
    with pytest.raises(InvalidInput, match="sends the next run to another address"):
        fire(Receiver().job("http", comfy.url))
    assert comfy.posts == 1


def test_http_reads_no_answer_without_end(fire, comfy, monkeypatch):
    monkeypatch.setattr(remote, "MAX_ANSWER_BYTES", 1_000_000)
    comfy.faults = ["endless"]
    fire(Receiver().job("http", comfy.url))  # the run has arrived all the same, and its ticket tells so
    assert len(comfy.queue) == 1


def test_http_gives_up_on_a_comfyui_that_is_not_there(fire, comfy):
    comfy.close()
    with pytest.raises(StoreUnavailable, match="could not be sent"):
        fire(Receiver().job("http", comfy.url))


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "nonsense", "http://me:secret@127.0.0.1:1"])
def test_http_refuses_an_url_that_is_none(fire, url):
    with pytest.raises(ConfigError) as caught:
        fire(Receiver().job("http", url))
    assert "secret" not in str(caught.value)


def test_an_unknown_trigger_is_refused_with_the_names_of_the_others(fire):
    with pytest.raises(ConfigError, match="auto, server, browser, impact, http, manual"):
        fire(Receiver().job("telepathy"))
