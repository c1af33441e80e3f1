"""The profile node: chooses the named pool that connected Image Pools show and use."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from datasete.application import application
from datasete.config import POOLS
from datasete.errors import InvalidName, NotFound

DEFAULT_POOL: Final = "default"


class PoolProfile:
    """Names the pool that connected Image Pools use."""

    DESCRIPTION = (
        "Chooses a profile: a pool of pictures with a name, which can be duplicated, exported and imported. Every "
        "Image Pool that it is wired to shows and uses its pictures."
    )
    CATEGORY = "Datasete Gates"
    FUNCTION = "run"
    RETURN_TYPES: ClassVar = ("POOL_PROFILE",)
    RETURN_NAMES: ClassVar = ("profile",)
    OUTPUT_TOOLTIPS: ClassVar = ("Wire it to the profile input of an Image Pool.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:  # noqa: N802 - ComfyUI's name for it
        """Ports and widgets."""
        return {
            "required": {
                "profile": ("STRING", {"default": "", "tooltip": "The profile's name."}),
                "profile_id": ("STRING", {"default": "", "tooltip": "Its id, which stays when it is renamed."}),
            },
        }

    @classmethod
    def IS_CHANGED(cls, profile_id: str = "", **inputs: object) -> str:  # noqa: N802 - ComfyUI's name for it
        """Return the id alone: the name is only shown, and changes of the pictures are noticed by the pool."""
        del inputs
        return profile_id

    @classmethod
    def VALIDATE_INPUTS(cls, profile_id: str | None = "") -> bool | str:  # noqa: N802
        """Refuse an unusable id before anything runs."""
        try:
            if profile_id:
                _checked_id(profile_id)
        except InvalidName as error:
            return str(error)
        return True

    async def run(self, profile: str, profile_id: str) -> tuple[str]:
        """Return the id of the profile's pool, "default" when none is chosen.

        Args:
            profile: its name, for messages.
            profile_id: its id; "" for none.

        Raises:
            NotFound: the profile is not on this machine.
            CorruptData: the list of profiles cannot be read.
        """
        if not profile_id or profile_id == DEFAULT_POOL:
            return (DEFAULT_POOL,)
        app, checked = application(), _checked_id(profile_id)
        # Even reaching for the profiles belongs in the thread: it opens their store on first use.
        if not await app.workers.space(POOLS).run(lambda: app.profiles.is_profile(checked)):
            raise NotFound(
                f"The profile “{profile or profile_id}” is not on this machine.",
                hint="Nothing ran behind it. Import it with the node's Import button or `datasete pool import FILE`, "
                "or choose another.",
            )
        return (profile_id,)


def _checked_id(profile_id: str) -> str:
    from datasete.pools.layout import check_pool_id  # pools are loaded when they are first used

    return check_pool_id(profile_id)
