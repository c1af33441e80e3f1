"""What child processes do to pools: edit, or edit until they are killed. Imports no torch.

Run as ``python pool_writers.py TASK FOLDER NUMBER …``; each line it prints is something that has been acknowledged.
"""

import io
import json
import sys
import zipfile
import zlib

from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.imaging.chunks import assemble, make_chunk, make_header
from datasete.plugin import Space
from datasete.pools import Pools, Upload, commands
from datasete.profiles import Profiles
from datasete.profiles.transfer import ProfileTransfer
from datasete.storage import Storage


def png(number):
    pixel = zlib.compress(b"\0" + number.to_bytes(3, "big"))
    return assemble(make_header(1, 1, color=2), make_chunk(b"IDAT", pixel))


def say(*words):
    print(*words, flush=True)


def opened(folder):
    hooks = build_hooks(PluginSettings())
    space = Space("pools", folder)
    pools = Pools(Storage(hooks.open_store(space), space))
    return pools, Profiles(pools), ProfileTransfer(Profiles(pools), hooks)


def edit_fifty(folder, number):
    """Fifty edits of one pool: ten pictures, their labels and masks, an order, and half of them removed.

    Says how many of them had nothing to change, as activating the active picture has not.
    """
    pools, *_ = opened(folder)
    mine, unchanged = [], 0
    for step in range(10):
        label = f"{number}.{step}"
        manifest, _ = pools.add("shared", [Upload(png(number * 100 + step), label=label)], f"add-{label}")
        name = next(picture.image for picture in manifest.pictures if picture.label == label)
        mine.append(name)
        pools.edit("shared", commands.label(name, f"{label} named"), f"label-{label}")
        pools.set_mask("shared", name, png(step), f"mask-{label}")
        moved = pools.edit("shared", commands.move([name], mine[0]), f"move-{label}")
        unchanged += f"move-{label}" not in moved.operations
        if step % 2:
            pools.remove("shared", [name], f"remove-{label}")
        else:
            active = pools.edit("shared", commands.activate(name), f"activate-{label}")
            unchanged += f"activate-{label}" not in active.operations
    say(unchanged)


def edit_forever(folder, number):
    """Add and remove pictures; say each that is acknowledged."""
    pools, *_ = opened(folder)
    for step in range(10_000):
        label = f"{number}.{step}"
        manifest, _ = pools.add("shared", [Upload(png(step), label=label, mask=png(step))])
        name = next(picture.image for picture in manifest.pictures if picture.label == label)
        say("added", name)
        if step % 3 == 2:
            pools.remove("shared", [name])
            say("removed", name)


def profiles_forever(folder, number):
    """Make, copy, carry, rename and delete profiles; say each that is acknowledged."""
    pools, profiles, transfer = opened(folder)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        pictures = [{"image": f"img_{n:04d}.png", "mask": None, "label": str(n), "added": 0} for n in range(1, 9)]
        file.writestr("pool/manifest.json", json.dumps({"active": 0, "slots": pictures, "next_seq": 9}))
        for n in range(1, 9):
            file.writestr(f"pool/img_{n:04d}.png", png(n))
    for step in range(10_000):
        profile = profiles.create(f"made {number}.{step}")
        say("there", profile.id, 0)
        pools.add(profile.id, [Upload(png(step)), Upload(png(step + 1))])
        say("there", profile.id, 2)
        copy = profiles.duplicate(profile.id)
        say("there", copy.id, 2)
        say("there", transfer.import_(archive, name=f"carried {number}.{step}").id, 8)
        say("going", profile.id)
        profiles.delete(profile.id)
        say("gone", profile.id)


if __name__ == "__main__":
    task, folder, number = sys.argv[1:4]
    {"fifty": edit_fifty, "edits": edit_forever, "profiles": profiles_forever}[task](folder, int(number))
