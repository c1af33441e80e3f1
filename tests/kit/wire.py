"""A TCP proxy on the loopback whose wire can be made bad: cut, reset, delay, drip, black hole."""

import contextlib
import queue
import socket
import struct
import threading
import time
from dataclasses import dataclass

TO_SERVER, TO_CLIENT = "to server", "to client"


@dataclass(frozen=True)
class Fault:
    """What happens to the bytes behind the first `after` that go in a direction."""

    kind: str
    direction: str = TO_CLIENT
    after: int = 0

    def __str__(self):
        return f"{self.kind} {self.direction} after {self.after}"


class Wire:
    """Listens on `port` and forwards to `target`; `fault` is in force until `heal`."""

    def __init__(self, target):
        self._target = target
        self._lock = threading.Lock()
        self._fault, self._passed = None, 0
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def break_with(self, fault):
        with self._lock:
            self._fault, self._passed = fault, 0

    def heal(self):
        """Back to normal; connections that were hurt are closed."""
        with self._lock:
            fault, self._fault = self._fault, None
        if fault:
            self._close_all()

    def close(self):
        # a listener that another thread waits on is woken by a shutdown, not by a close
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._close_all()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            for source, sink, direction in ((client, server, TO_SERVER), (server, client, TO_CLIENT)):
                threading.Thread(target=self._pump, args=(source, sink, direction), daemon=True).start()

    def _pump(self, source, sink, direction):
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                if not self._forward(block, sink, direction):
                    break
        self._hang_up(source, sink)

    def _forward(self, block, sink, direction):
        with self._lock:
            fault = self._fault
            if fault is None or fault.direction != direction:
                fault, good = None, len(block)
            else:
                good = max(0, min(len(block), fault.after - self._passed))
                self._passed += len(block)
        sink.sendall(block[:good])
        return good == len(block) or getattr(self, f"_{fault.kind}")(block[good:], sink)

    def _cut(self, rest, sink):
        return False

    def _reset(self, rest, sink):
        sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    def _swallow(self, rest, sink):
        return True

    def _delay(self, rest, sink):
        time.sleep(0.04)
        sink.sendall(rest)
        return True

    def _drip(self, rest, sink):
        step = max(1, len(rest) // 8)
        for start in range(0, len(rest), step):
            sink.sendall(rest[start : start + step])
            time.sleep(0.004)
        return True

    def _hang_up(self, *ends):
        for end in ends:
            with contextlib.suppress(OSError):
                # not to a sink that is to be reset: its close does that
                end.shutdown(socket.SHUT_RDWR) if not end.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER) else None
            end.close()
            with self._lock:
                self._open.discard(end)

    def _close_all(self):
        with self._lock:
            ends = list(self._open)
        self._hang_up(*ends)


class FarWire(Wire):
    """A wire on which every byte of an answer arrives so many seconds later, however many are under way."""

    def __init__(self, target, delay):
        self._late = delay
        super().__init__(target)

    def _pump(self, source, sink, direction):
        if direction == TO_SERVER:
            super()._pump(source, sink, direction)
            return
        waiting = queue.SimpleQueue()
        sending = threading.Thread(target=self._send_late, args=(waiting, sink), daemon=True)
        sending.start()
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                waiting.put((time.monotonic() + self._late, block))
        waiting.put((0, b""))
        sending.join()
        self._hang_up(source, sink)

    def _send_late(self, waiting, sink):
        with contextlib.suppress(OSError):
            while (due := waiting.get())[1]:
                time.sleep(max(0.0, due[0] - time.monotonic()))
                sink.sendall(due[1])


def far_wire(target, delay):
    """A wire to `target` on which answers take `delay` seconds longer."""
    return FarWire(target, delay)
