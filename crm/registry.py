"""What rooms declare at start-up (``AppConfig.ready``) for a lower room to read by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Keyed(Protocol):
    """Anything that a registry holds."""

    @property
    def key(self) -> str: ...


Item = TypeVar("Item", bound=Keyed)


class DuplicateKey(Exception):
    """Two different things were declared under one key: one of the rooms has to rename its own."""


class Registry(Generic[Item]):
    """Declarations by key, in the order in which they came."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, Item] = {}

    def register(self, *items: Item) -> None:
        """Add declarations; the same one twice is once, since start-up may run twice.

        Raises DuplicateKey for another one of a key that is taken.
        """
        for item in items:
            if self._items.setdefault(item.key, item) != item:
                raise DuplicateKey(f"{self.name}: {item.key!r} is declared twice, differently.")

    def unregister(self, key: str) -> None:
        """Forget a declaration, if there is one."""
        self._items.pop(key, None)

    def get(self, key: str) -> Item | None:
        """The declaration of ``key``; ``None`` where no room made one."""
        return self._items.get(key)

    def __getitem__(self, key: str) -> Item:
        try:
            return self._items[key]
        except KeyError:
            raise KeyError(f"{self.name}: no room declares {key!r}.") from None

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)
