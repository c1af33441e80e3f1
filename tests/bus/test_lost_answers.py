"""A commit whose answer was lost, and what became of it before the publisher could look."""

import pytest
from slot_pictures import bus_over, edited, picture, shade

from datasete.errors import StoreUnavailable
from datasete.plugin import ANY

IMAGE = "cp1/image.png"


class LosesAnswer:
    """Makes the first commit, lets `meanwhile` happen, and gives no answer."""

    def __init__(self, inner, meanwhile):
        self.inner, self.meanwhile, self.lost = inner, meanwhile, False

    def write(self, key, data, when=ANY):
        version = self.inner.write(key, data, when)
        if key == IMAGE and not self.lost:
            self.lost = True
            self.meanwhile()
            raise StoreUnavailable("The connection was cut.")
        return version

    def __getattr__(self, name):
        return getattr(self.inner, name)


@pytest.mark.parametrize("history", [2, 5])
def test_a_commit_that_only_a_kept_edit_names_is_not_made_twice(store, history):
    other = bus_over(store, history=history)
    other.publish("cp1", [picture(1)])

    def edited_and_replaced():
        store.write(IMAGE, edited(store.read([IMAGE])[IMAGE].data, 102, keep_chunk=True))
        other.publish("cp1", [picture(3)])

    bus = bus_over(LosesAnswer(store, edited_and_replaced), history=history)
    bus.publish("cp1", [picture(2)])
    shades = [shade(other.version("cp1", line.version).images[0]) for line in other.history("cp1")]
    assert shade(other.load("cp1").images[0]) == 3
    assert shades == [102, 1]


@pytest.mark.parametrize("times", [4, 5])
def test_answers_may_be_lost_a_few_times(store, times):
    class Deaf(LosesAnswer):
        def write(self, key, data, when=ANY):
            if key == IMAGE and self.meanwhile:
                self.meanwhile -= 1
                raise StoreUnavailable("The connection was cut.")
            return self.inner.write(key, data, when)

    bus = bus_over(Deaf(store, times - 1))
    if times == 5:
        with pytest.raises(StoreUnavailable, match="gave no answer while"):
            bus.publish("cp1", [picture(2)])
    else:
        bus.publish("cp1", [picture(2)])
        assert shade(bus.load("cp1").images[0]) == 2
