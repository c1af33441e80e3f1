"""What holds for every test."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["reruns"]

# no assertion on time in a test: an example may take long on a busy machine
settings.register_profile("patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
