"""moto's S3 as a program: ``python moto_gateway.py PORT IGNORES``; with IGNORES 1 it drops conditions, as some do."""

import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

CONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_X_AMZ_COPY_SOURCE_IF_MATCH")


def one_at_a_time(application):
    """moto looks at a condition and writes in two steps; a real service does both in one."""
    lock = threading.Lock()

    def gateway(environment, start_response):
        with lock:
            return list(application(environment, start_response))

    return gateway


def ignoring(application):
    def gateway(environment, start_response):
        for name in CONDITIONS:
            environment.pop(name, None)
        return application(environment, start_response)

    return gateway


if __name__ == "__main__":
    app = one_at_a_time(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", int(sys.argv[1]), ignoring(app) if sys.argv[2] == "1" else app, threaded=True)
