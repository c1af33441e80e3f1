from hypothesis import given
from hypothesis import strategies as st

from datasete.batch import listing as order
from datasete.batch.listing import natural_order
from datasete.ids import natural_key

FILE_NAMES = st.text(st.characters(exclude_characters="\0/"), min_size=1, max_size=12)
COMMON_NAMES = st.from_regex(r"\A[ab A_.-]{0,3}[0-9]{0,4}[aB.]{0,2}[0-9]{0,3}(\.png|\.JPG)\Z")


def test_numbers_count_as_numbers():
    assert natural_order(["img10.png", "img2.png", "img1.png"]) == ["img1.png", "img2.png", "img10.png"]


def test_letters_compare_without_case():
    assert natural_order(["b.png", "A.png", "a.png", "C.png"]) == ["A.png", "a.png", "b.png", "C.png"]


@given(st.lists(COMMON_NAMES))
def test_common_names_are_in_the_order_of_their_natural_keys(names):
    assert natural_order(names) == sorted(names, key=natural_key)


@given(st.lists(FILE_NAMES))
def test_any_names_are_in_the_order_of_their_natural_keys(names):
    assert natural_order(names) == sorted(names, key=natural_key)


@given(st.lists(st.from_regex(r"\A[éÜß٣1０x]{1,6}\Z")))
def test_digits_and_letters_of_other_scripts_are_in_the_order_of_their_natural_keys(names):
    assert natural_order(names) == sorted(names, key=natural_key)


def test_many_shapes_are_in_the_order_of_their_natural_keys():
    names = [f"{chr(97 + n % 26)}{'x' * (n % 37)}{n}{'y' * (n % 7)}" for n in range(3000)]
    assert len({name.translate(order._ZEROS) for name in names}) > order.MAX_SHAPES
    assert natural_order(names) == sorted(names, key=natural_key)


def test_names_that_are_no_text_keep_their_bytes():
    assert natural_order(["\udcff2.png", "\udcff10.png"]) == ["\udcff2.png", "\udcff10.png"]
