"""Settings and users."""

from __future__ import annotations

from full_disk import full_disk


async def test_settings_are_kept(client, data):
    await client.post("/api/settings", json={"a": 1, "b": [1]})
    await client.post("/api/settings/Comfy.Thing", json="x")

    settings = await (await client.get("/api/settings")).json()
    assert (settings["a"], settings["b"], settings["Comfy.Thing"]) == (1, [1], "x")
    assert await (await client.get("/api/settings/Comfy.Thing")).json() == "x"
    assert await (await client.get("/api/settings/unknown")).json() is None


async def test_a_tab_with_nothing_to_restore_always_starts_on_the_templates(client):
    await client.post("/api/settings/Comfy.TutorialCompleted", json=True)

    assert "Comfy.TutorialCompleted" not in await (await client.get("/api/settings")).json()


async def test_the_page_asks_nobody_for_news_unless_the_user_wants_it(client):
    name = "Comfy.Notification.ShowVersionUpdates"
    assert (await (await client.get("/api/settings")).json())[name] is False
    await client.post(f"/api/settings/{name}", json=True)

    assert (await (await client.get("/api/settings")).json())[name] is True


async def test_broken_settings_count_as_none(client, data):
    (data / "user" / "default" / "comfy.settings.json").write_text("{broken")

    assert (await client.get("/api/settings")).status == 200


async def test_there_is_one_user(client):
    assert await (await client.get("/api/users")).json() == {"storage": "server", "migrated": True}


async def test_settings_that_the_disk_cannot_take_leave_the_old_ones(client, data):
    await client.post("/api/settings", json={"a": 1})
    with full_disk():
        answer = await client.post("/api/settings", json={"b": "x" * 1000})

    assert answer.status == 507
    settings = await (await client.get("/api/settings")).json()
    assert (settings["a"], "b" in settings) == (1, False)
