"""``datasete doctor`` on real servers: what is wrong is one sentence, and the same in every spelling of the command."""

import contextlib
import datetime as dt
import ipaddress
import json
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from s3_servers import BUCKET, KEY, SECRET
from servers import free_port
from smb_server import PASSWORD, SHARE

from datasete.cli import main


@pytest.fixture
def doctor(tmp_path, monkeypatch, capsys, caplog):
    """Examine one bus; return what the command says of it."""

    def examine(url, options=None, **variables):
        monkeypatch.setenv("DATASETE_BUS__URL", url)
        monkeypatch.setenv("DATASETE_BUS__OPTIONS", json.dumps(dict(options or {})))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        status = main(["doctor", "--json", "--data", str(tmp_path)])
        shown = capsys.readouterr()
        for secret in (SECRET, PASSWORD, "hunter2"):
            assert secret not in shown.out + shown.err + caplog.text
        bus, pools = json.loads(shown.out)
        assert pools["ok"], "what is wrong with one space is told beside the others"
        assert status == (0 if bus["ok"] else 1)
        assert bus["verdict"].count(". ") == 0, "one sentence"
        return bus

    return examine


def test_a_sound_bucket_and_a_sound_share_are_safe_to_share(doctor, seaweedfs, samba):
    for space in (seaweedfs.space(), samba.space()):
        assert doctor(space.url, space.options)["verdict"] == "Safe to share between tabs, processes and machines."


@pytest.mark.parametrize("server", ["seaweedfs", "moto"])
def test_a_wrong_bucket(doctor, server, request):
    space = request.getfixturevalue(server).space()
    found = doctor("s3://no-such-bucket/x", space.options)
    assert "does not exist: “no-such-bucket”" in found["verdict"]
    assert not found["reachable"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"access_key_id": "nobody"}, "does not know this access key"),
        ({"secret_access_key": "hunter2"}, "the secret key does not belong to the access key"),
    ],
    ids=["key", "secret"],
)
def test_a_wrong_key(doctor, seaweedfs, options, sentence):
    space = seaweedfs.space(**options)
    found = doctor(space.url, space.options)
    assert sentence in found["verdict"]
    assert "Check the credentials" in found["hint"]


def test_a_wrong_password(doctor, samba):
    space = samba.space(password="hunter2")
    assert "does not accept this user and password" in doctor(space.url, space.options)["verdict"]


def test_a_wrong_share(doctor, samba):
    space = samba.space()
    found = doctor(space.url.replace(SHARE, "nothing"), space.options)
    assert "does not exist on that server" in found["verdict"]
    assert "Check the share in the URL" in found["hint"]


def test_a_gateway_that_ignores_conditions_is_refused_for_shared_writing(doctor, unconditional_gateway):
    space = unconditional_gateway.space()
    found = doctor(space.url, space.options)
    assert "honours no conditions: two writers would overwrite each other's work" in found["verdict"]
    assert "set the option single_writer to true" in found["hint"]
    assert (found["reachable"], found["writable"]) == (True, False)


def test_a_gateway_that_ignores_conditions_is_for_one_writer(doctor, unconditional_gateway):
    space = unconditional_gateway.space(single_writer=True)
    assert doctor(space.url, space.options)["verdict"].startswith("Safe for one writer at a time only")


@contextlib.contextmanager
def answering(status, headers=(), body="", certificate=None):
    """An HTTP server that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name):
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

        def handle(self):
            with contextlib.suppress(OSError):  # the client hangs up on a certificate that it does not trust
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def error(code, message, further=""):
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message>{further}</Error>"


KEYS = {"access_key_id": KEY, "secret_access_key": SECRET, "addressing_style": "path"}
ELSEWHERE = [("x-amz-bucket-region", "eu-central-1"), ("Content-Type", "application/xml")]
MALFORMED = "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (301, error("PermanentRedirect", "The bucket must be addressed at another endpoint.")),
        (400, error("AuthorizationHeaderMalformed", MALFORMED, "<Region>eu-central-1</Region>")),
    ],
    ids=["301", "400"],
)
def test_a_wrong_region(doctor, status, body):
    """As AWS answers it: no server that can be installed here knows regions."""
    with answering(status, ELSEWHERE, body) as port:
        found = doctor(f"s3://{BUCKET}/x", {**KEYS, "endpoint_url": f"http://127.0.0.1:{port}"})
    assert "is in another region: eu-central-1" in found["verdict"]
    assert "option region" in found["hint"]


@pytest.fixture
def self_signed(tmp_path):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nas.example")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    signed = made.add_extension(address, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (tmp_path / "certificate.pem").write_bytes(signed.public_bytes(pem))
    kind, open_ = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(pem, kind, open_))
    return tmp_path / "certificate.pem", tmp_path / "key.pem"


def test_a_certificate_that_is_not_trusted(doctor, self_signed):
    with answering(403, body=error("AccessDenied", "no"), certificate=self_signed) as port:
        there = {**KEYS, "endpoint_url": f"https://127.0.0.1:{port}"}
        found = doctor(f"s3://{BUCKET}/x", there)
        assert "shows a certificate that this machine does not trust" in found["verdict"]
        assert "option verify" in found["hint"]
        # with the certificate named, it comes to the next thing that is wrong
        trusting = doctor(f"s3://{BUCKET}/x", {**there, "verify": str(self_signed[0])})
    assert "does not allow this to these credentials" in trusting["verdict"]


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, "<html>Not here.</html>"), (404, ""), (200, "<html>Welcome!</html>"), (405, "no")],
    ids=["no page", "nothing", "a page", "not allowed"],
)
def test_a_server_that_is_no_s3(doctor, status, body):
    with answering(status, body=body) as port:
        found = doctor(f"s3://{BUCKET}/x", {**KEYS, "endpoint_url": f"http://127.0.0.1:{port}"})
    assert "not an S3 service" in found["verdict"]
    assert "endpoint_url" in found["hint"]


def test_a_port_where_nobody_listens(doctor):
    there = {**KEYS, "endpoint_url": f"http://127.0.0.1:{free_port()}"}
    found = doctor(f"s3://{BUCKET}/x", there)
    assert "gave no complete answer" in found["verdict"]
    assert "Check the network and the endpoint" in found["hint"]
    shared = doctor(f"smb://127.0.0.1:{free_port()}/{SHARE}", {"username": "me", "password": "hunter2"})
    assert "gave no complete answer" in shared["verdict"]
    assert "Check the network and the server's name" in shared["hint"]


def test_a_port_with_another_protocol(doctor, moto, samba):
    bucket = doctor(f"s3://{BUCKET}/x", {**KEYS, "endpoint_url": f"http://127.0.0.1:{samba.port}"})
    assert "gave no complete answer" in bucket["verdict"]
    share = doctor(f"smb://127.0.0.1:{moto.port}/{SHARE}", {"username": "me", "password": "hunter2", "timeout": 2})
    assert "gave no complete answer" in share["verdict"]


@pytest.mark.parametrize("url", ["s3://bkt/x", "smb://nas.invalid/share"])
def test_a_host_that_nobody_knows(doctor, url):
    options = {**KEYS, "endpoint_url": "http://nas.invalid:9000"} if url.startswith("s3") else {"username": "me"}
    assert "gave no complete answer" in doctor(url, options)["verdict"]


WITHOUT = "import sys; sys.modules[sys.argv[1]] = None; from datasete.cli import main; sys.exit(main(sys.argv[2:]))"


@pytest.mark.parametrize(
    ("url", "engine", "package"),
    [("s3://bkt/x", "botocore", "botocore"), ("smb://nas/share", "smbclient", "smbprotocol")],
)
def test_a_missing_engine(tmp_path, monkeypatch, url, engine, package):
    monkeypatch.setenv("DATASETE_BUS__URL", url)
    command = [sys.executable, "-c", WITHOUT, engine, "doctor", "--json", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)[0]
    assert "is not installed" in found["verdict"]
    assert found["hint"] == f"Install it: pip install {package}"
