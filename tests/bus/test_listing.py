"""The slots of a bus, and which slot a name means."""

from slot_pictures import bus_over, picture, shade, shades


class TestNames:
    def test_another_spelling_is_the_same_slot(self, bus):
        bus.publish("cp1", [picture(1)])
        done = bus.publish("CP1", [picture(2)])
        assert (done.slot, done.replaced) == ("cp1", True)
        assert [slot.name for slot in bus.list()] == ["cp1"]
        assert shades(bus.load("Cp1")) == ([2], [0])
        assert len(bus.history("CP1")) == 1
        assert bus.delete("CP1")
        assert bus.list() == []

    def test_the_exact_name_wins_over_a_spelling(self, store):
        for number, name in enumerate(["cp1", "CP1", "cP1"]):
            store.write(f"{name}/image.png", picture(number))
        bus = bus_over(store)
        assert [shade(bus.load(name).images[0]) for name in ("cp1", "CP1", "cP1")] == [0, 1, 2]
        assert sorted(slot.name for slot in bus.list()) == ["CP1", "cP1", "cp1"]

    def test_letters_of_every_script_fold(self, bus):
        bus.publish("Straße", [picture(1)])
        assert bus.load("STRASSE").name == "Straße"

    def test_a_decomposed_name_is_the_composed_one(self, bus):
        bus.publish("cafe\u0301", [picture(1)])
        assert bus.list()[0].name == "caf\u00e9"

    def test_a_new_slot_leaves_nothing_of_its_misspelling(self, store):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        bus.publish("CP1", [picture(2)])
        assert all("CP1" not in entry.key for entry in store.list().entries)


class TestList:
    def test_slots_come_in_natural_order(self, bus):
        for name in ("img10", "img2", "Img1", "a-b", "(x)"):
            bus.publish(name, [picture(1)])
        assert [slot.name for slot in bus.list()] == ["(x)", "a-b", "Img1", "img2", "img10"]

    def test_age_and_size_are_listed(self, store):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        blob = store.read(["cp1/image.png"])["cp1/image.png"]
        assert [(slot.modified, slot.size) for slot in bus.list()] == [(blob.modified, len(blob.data))]

    def test_what_is_no_slot_is_ignored_and_counted(self, store):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        for key in ("notes.txt", "cp1/notes.txt", "deep/er/image.png", "con/image.png", "only/mask.png", ".DS_Store"):
            store.write(key, b"x")
        listed = bus.list_slots()
        assert [slot.name for slot in listed.slots] == ["cp1"]
        assert listed.foreign == 5  # a lone mask is what a deletion may leave

    def test_versions_are_never_walked(self, store):
        seen = []

        class Watched:
            capabilities = store.capabilities

            def list(self, prefix, after, limit):
                page = store.list(prefix, after, limit)
                seen.extend(entry.key for entry in page.entries)
                return page

        bus = bus_over(store, history=50)
        for number in range(40):
            bus.publish("cp1", [picture(number)])
        slots = bus_over(Watched()).list()
        assert [slot.name for slot in slots] == ["cp1"]
        assert sum(key.startswith(".versions/") for key in seen) <= 32

    def test_many_slots_on_both_sides_of_the_versions_are_all_listed(self, store):
        names = [f"({number})" for number in range(70)] + [f"n{number}" for number in range(70)]
        for name in names:
            store.write(f"{name}/image.png", b"x")
            store.write(f".versions/{name}/{'0' * 32}/image.png", b"x")
        assert [slot.name for slot in bus_over(store).list()] == names
