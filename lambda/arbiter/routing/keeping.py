"""Where the profiles are kept, and how a new one replaces another: the last good one stays beside it."""

from arbiter.routing.artefact import DamagedProfileError
from arbiter.routing.knowledge import loads
from arbiter.store import ObjectMissingError, Store


def knowledge_key(knowledge_base_id: str) -> str:
    """The key of a knowledge base's profile: a knowledge base that was replaced takes its profile along."""
    return f"routing/{knowledge_base_id}/knowledge.json"


def former(key: str) -> str:
    """The key of the profile before the one under a key."""
    return key.removesuffix(".json") + ".former.json"


def tuned_key(run: str) -> str:
    """The key of the profile of the model that a training run made."""
    return f"routing/models/{run}.json"


def keep(store: Store, key: str, text: str) -> None:
    """Write a profile; the one that it replaces, if that is whole, is kept as the former one."""
    try:
        before = store.read(key)
        loads(before)
    except (ObjectMissingError, DamagedProfileError):
        pass
    else:
        store.write(former(key), before, content_type="application/json")
    store.write(key, text.encode(), content_type="application/json")
