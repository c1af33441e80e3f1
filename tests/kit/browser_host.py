"""The server under test: the embedded host as a process of its own, or a full ComfyUI that ``COMFYUI_URL`` names."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

START = (
    "import sys; from datasete.workbench.serve import serve; "
    "serve(port=int(sys.argv[1]), data=sys.argv[2], frontend=sys.argv[3] or None)"
)


@dataclass
class Host:
    """An embedded host over `data`; it keeps its port over a restart, as a page that is open needs."""

    data: Path
    frontend: str = ""
    url: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> Host:
        port = self.url.rsplit(":", 1)[-1].strip("/") or "0"
        command = [sys.executable, "-c", START, port, str(self.data), self.frontend]
        log = (self.data.parent / f"{self.data.name}.log").open("a")
        with log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        address = re.search(r"http://\S+", line)
        assert address, f"the host did not start: {Path(log.name).read_text()[-2000:]}"
        self.url = address.group().rstrip("/")
        return self

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.process.stdout.close()
        self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()


class Server:
    """What a test asks the server itself, past the page."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=30) as response:
            return response.read()

    def json(self, path: str) -> dict:
        return json.loads(self.get(path))

    def post(self, path: str, body: object) -> int:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def upload(self, name: str, data: bytes) -> None:
        border = uuid.uuid4().hex
        head = f'--{border}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n'
        over = f'\r\n--{border}\r\nContent-Disposition: form-data; name="overwrite"\r\n\r\ntrue\r\n--{border}--\r\n'
        body = f"{head}Content-Type: image/png\r\n\r\n".encode() + data + over.encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={border}"}
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/upload/image", body, headers), timeout=60):
            pass

    def pending(self) -> list[dict]:
        return self.json("/datasete_gate/pending")["gates"]

    def slots(self) -> list[str]:
        return self.json("/datasete_gate/bus/list")["ids"]

    def history(self, prompt_id: str) -> dict:
        return self.json(f"/history/{prompt_id}").get(prompt_id, {})

    def picture(self, image: dict) -> Image.Image:
        query = "&".join(f"{key}={image[key]}" for key in ("filename", "subfolder", "type"))
        return Image.open(io.BytesIO(self.get(f"/view?{query}")))

    def quiet(self) -> None:
        """Ends what runs and forgets what waits, so that the next test begins with an idle server."""
        self.post("/queue", {"clear": True})
        self.post("/interrupt", {})
