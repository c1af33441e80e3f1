"""The bundled policies, chosen as a user chooses them."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from datasete.application import Application, build_application
from datasete.config import GateSettings, Settings, load_settings
from datasete.errors import ConfigError
from datasete.gates import Answer, GateView
from datasete.hooks.manager import build_hooks
from datasete.host.api import BareHost
from datasete.plugin import ConfigError as PluginConfigError
from datasete.plugin import Decision, Gate, PolicyChoice, hookimpl
from datasete_policies import datasete_gate_policy

GATE = Gate("p", "7", 0, routes=2, frames=1, width=4, height=3)


def built(tmp_path: Path, plugins: dict[str, object] | None = None, **gates: object) -> Application:
    settings = Settings(gates=GateSettings(**gates))
    return build_application(BareHost(tmp_path, tmp_path, tmp_path), settings, plugins)


async def ask(application: Application) -> Answer:
    view = GateView(lambda frame, size: (b"", "image/png"), None)
    return await asyncio.wait_for(application.gates.ask(GATE, view, lambda: False), 30)


async def waits(application: Application, route: int) -> Answer:
    """Open a gate, wait until policies were asked, answer it by hand."""
    run = asyncio.create_task(ask(application))
    await asyncio.sleep(0.1)
    assert not run.done()
    application.gates.choose(route, node_id="7")
    return await run


async def test_no_policy_answers_unless_one_is_chosen(tmp_path: Path) -> None:
    assert (await waits(built(tmp_path), 2)).route == 2


async def test_headless_takes_its_route_at_once_whatever_the_time(tmp_path: Path) -> None:
    assert (await ask(built(tmp_path, policy="headless", route=2, after_s=3600))).route == 2


async def test_after_takes_its_route_when_the_time_is_up(tmp_path: Path) -> None:
    assert (await ask(built(tmp_path, policy="after", route=2, after_s=0.01))).route == 2


def test_after_says_how_long_and_why() -> None:
    assert datasete_gate_policy(GATE, PolicyChoice("after", 2, 12.5)) == Decision(2, 12.5, "Not answered for 12.5 s.")


async def test_a_route_that_the_gate_does_not_have_is_refused_and_the_gate_waits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await waits(built(tmp_path, policy="headless", route=3), 1)).route == 1
    assert "plugin datasete_policies" in caplog.text
    assert "route 3, and the gate has 2" in caplog.text


async def test_a_name_that_no_policy_goes_by_is_logged_with_those_there_are(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(PluginConfigError, match="No policy is named “heedless”"):
        datasete_gate_policy(GATE, PolicyChoice("heedless"))
    assert (await waits(built(tmp_path, policy="heedless"), 1)).route == 1
    assert "after, headless" in caplog.text


async def test_a_third_partys_policy_is_asked_before_the_bundled_ones(tmp_path: Path) -> None:
    class Odd:
        @hookimpl
        def datasete_gate_policy(self, gate: Gate, policy: PolicyChoice) -> Decision | None:
            return Decision(int(str(policy.options["route"]))) if policy.name == "odd" else None

    chosen = built(tmp_path, {"odd": Odd()}, policy="odd", options={"route": 2})
    assert (await ask(chosen)).route == 2
    assert (await ask(built(tmp_path, {"odd": Odd()}, policy="headless"))).route == 1


def test_policies_are_chosen_by_file_or_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "datasete.toml").write_text('[gates]\npolicy = "after"\nroute = 2\nafter_s = 30\n')
    gates = load_settings(tmp_path).gates
    assert (gates.policy, gates.route, gates.after_s) == ("after", 2, 30.0)
    monkeypatch.setenv("DATASETE_GATES__POLICY", "headless")
    monkeypatch.setenv("DATASETE_GATES__OPTIONS", '{"key": "hunter2"}')
    gates = load_settings(tmp_path).gates
    assert (gates.policy, gates.route) == ("headless", 2)
    assert "hunter2" not in repr(gates)


@pytest.mark.parametrize("line", ["route = 0", "route = 11", "after_s = -1", "after_s = inf", "after_s = nan", "x = 1"])
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "datasete.toml").write_text(f"[gates]\n{line}\n")
    with pytest.raises(ConfigError, match="gates"):
        load_settings(tmp_path)


def test_a_wrapper_runs_around_every_policy_that_is_asked() -> None:
    seen: list[object] = []

    class Wrapper:
        @hookimpl(wrapper=True)
        def datasete_gate_policy(self, policy: PolicyChoice) -> Generator[None, Decision | None, Decision | None]:
            decision = yield
            seen.append(decision)
            return replace(decision, reason=f"{policy.name} has decided.") if decision else None

    class Declines:
        @hookimpl
        def datasete_gate_policy(self) -> None:
            return None

    hooks = build_hooks(Settings().plugins, {"wrapper": Wrapper(), "declines": Declines()})
    assert [plugin.fault for plugin in hooks.plugins if plugin.name == "wrapper"] == [""]
    assert hooks.gate_policy(GATE, PolicyChoice("headless", 2)) == Decision(2, 0.0, "headless has decided.")
    assert [decision and decision.route for decision in seen] == [None, 2]
