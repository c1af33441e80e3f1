"""Sessions that an SMB server ends: the line is dropped, and the call logs in again."""

import pytest

from datasete.plugin import StoreUnavailable

pytest.importorskip("smbclient")

EXPIRED = [0xC000035C, 0xC0000203, 0xC00000C9, 0xC000005F]
LOST = [0xC000020C, 0xC000020D, 0xC000023A, 0xC0000241, 0xC00000C4, 0xC00000D6, 0xC0000128, 0xC00000D0, 0xC0000467]


class Transport:
    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True


class Line:
    """A connection as smbclient keeps it."""

    def __init__(self):
        self.transport, self.session_table = Transport(), {}

    def disconnect(self, close=True):
        self.transport.close()


class Server:
    """Answers with these statuses, one a call, then with “done”. Each call opens a connection if there is none."""

    def __init__(self, *statuses):
        self.statuses, self.lines, self.calls = list(statuses), [], 0

    def __call__(self, *arguments, connection_cache, **named):
        from smbprotocol.exceptions import SMBOSError

        self.calls += 1
        if "server" not in connection_cache:
            connection_cache["server"] = Line()
            self.lines.append(connection_cache["server"])
        if self.statuses:
            raise SMBOSError(self.statuses.pop(0), "file")
        return "done"


@pytest.fixture
def connection():
    from datasete_fsspec.smb.connection import SmbConnection

    return SmbConnection("The share", {}, 5.0, "nas:445")


@pytest.mark.parametrize("status", EXPIRED, ids=hex)
def test_an_expired_session_is_logged_in_again_within_the_call(connection, status):
    server = Server(status)
    assert connection.call(server) == "done"
    assert [line.transport.closed for line in server.lines] == [True, False]


@pytest.mark.parametrize("status", EXPIRED, ids=hex)
def test_a_session_that_expires_at_once_again_is_an_outage(connection, status):
    server = Server(status, status)
    with pytest.raises(StoreUnavailable, match="ended the connection"):
        connection.call(server)
    assert (server.calls, len(server.lines)) == (2, 2)
    assert connection.call(server) == "done"
    assert len(server.lines) == 3


@pytest.mark.parametrize("status", LOST, ids=hex)
def test_a_lost_line_is_dropped_and_the_next_call_opens_another(connection, status):
    server = Server(status)
    with pytest.raises(StoreUnavailable, match="ended the connection"):
        connection.call(server)
    assert connection.call(server) == "done"
    assert [line.transport.closed for line in server.lines] == [True, False]
