"""Walking folders that hold what nobody expects."""

import os
import subprocess

import pytest
from caption_cases import LITTER
from empty_files import touch
from ordinary_user import an_ordinary_user

from datasete.sidecars.opening import open_regular
from datasete.sidecars.walk import walk


def walked(folder, **options):
    left_out = []
    return sorted(walk(str(folder), leave_out=left_out.append, **options)), sorted(left_out)


def test_litter_is_neither_walked_nor_left_out(tmp_path):
    touch(tmp_path, *LITTER, "a.png", "b/c.png")
    assert walked(tmp_path) == (["a.png", "b/c.png"], [])


def test_a_folder_that_is_named_is_walked_whatever_its_name(tmp_path):
    touch(tmp_path, "@eaDir/a.png", ".hidden/b.png")
    assert walked(tmp_path / "@eaDir") == (["a.png"], [])
    assert walked(tmp_path / ".hidden") == (["b.png"], [])


def test_links_in_a_circle_and_links_to_nothing_stop_none_of_the_others(tmp_path):
    touch(tmp_path, "a.png", "b/c.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "gone.png").symlink_to("nowhere")
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "linked.png").symlink_to("a.png")
    assert walked(tmp_path) == (["a.png", "b/c.png", "linked.png"], ["b/up", "gone.png", "loop.png"])


def test_a_tree_deeper_than_the_stack_of_python_is_walked(tmp_path):
    touch(tmp_path, "top.png")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1300):
        os.mkdir("d", dir_fd=descriptor)
        below = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(os.open("deep.png", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
    os.close(descriptor)
    try:
        assert walked(tmp_path) == ([f"{'d/' * 1300}deep.png", "top.png"], [])
    finally:  # pytest's own cleaning would go too deep for the stack
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)


def test_a_tree_deeper_than_paths_may_be_long_is_left_out_below_that(tmp_path):
    touch(tmp_path, "top.png")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=descriptor)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    found, left_out = walked(tmp_path)
    assert (found, len(left_out)) == (["top.png"], 1)


def test_a_folder_below_that_may_not_be_read_is_left_out(tmp_path, monkeypatch):
    touch(tmp_path, "a.png", "closed/b.png")
    (tmp_path / "closed").chmod(0)
    monkeypatch.chdir(tmp_path)  # the folders above are root's own
    with an_ordinary_user(owning=tmp_path):
        assert walked(".") == (["a.png"], ["closed/"])
    (tmp_path / "closed").chmod(0o700)


def test_a_pipe_is_no_file_and_opening_it_does_not_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert walked(tmp_path) == ([], ["pipe.png"])
    with pytest.raises(OSError, match="pipe"):
        open_regular(tmp_path / "pipe.png")
