"""Registries of types: one file a type, found by walking a package and those that installed packages offer."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import entry_points

ENTRY_POINTS = "rouage.types"


class RegistryError(Exception):
    """A type file that cannot be used, or a registry used before it was loaded. A fault of the installation."""


class Registry[T](Mapping[str, T]):
    """Types by key, read-only once loaded. The key of a type is the name of its file.

    ``package`` is walked for modules; each defines ``TYPE``, and those whose name begins with an underscore are left
    alone. An installed package adds types with an entry point of the group ``rouage.types``: its name is the
    registry's ``name``, its value a package to walk in the same way.
    """

    __slots__ = ("_built_in", "_loaded", "_types", "name", "package")

    def __init__(self, name: str, package: str, *, built_in: Mapping[str, T] | None = None) -> None:
        self.name = name
        self.package = package
        self._built_in = dict(built_in or {})
        self._types: dict[str, T] = {}
        self._loaded = False

    def load(self) -> None:
        """Read all types, once. Raises RegistryError for a file or a key that cannot be used."""
        if self._loaded:
            return
        types = dict(self._built_in)
        for package in (self.package, *_offered(self.name)):
            _add(types, _read(package), self.name)
        self._types = types
        self._loaded = True

    @contextmanager
    def including(self, *packages: str) -> Iterator[None]:
        """For tests: the types of ``packages`` as well, until the block ends."""
        self.load()
        before = self._types
        types = dict(before)
        for package in packages:
            _add(types, _read(package), self.name)
        self._types = types
        try:
            yield
        finally:
            self._types = before

    def __getitem__(self, key: str) -> T:
        if not self._loaded:
            raise RegistryError(f"the registry of {self.name} is used before it is loaded")
        return self._types[key]

    def __iter__(self) -> Iterator[str]:
        if not self._loaded:
            raise RegistryError(f"the registry of {self.name} is used before it is loaded")
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def __repr__(self) -> str:
        return f"Registry({self.name!r}, {sorted(self._types)})"


def _offered(name: str) -> list[str]:
    return sorted(point.value for point in entry_points(group=ENTRY_POINTS, name=name))


def _read[T](package: str) -> Iterator[tuple[str, T]]:
    try:
        home = importlib.import_module(package)
    except ImportError as error:
        raise RegistryError(f"the package {package} cannot be imported: {error}") from error
    for module in pkgutil.iter_modules(home.__path__):
        if module.name.startswith("_"):
            continue
        path = f"{package}.{module.name}"
        found = importlib.import_module(path)
        if not hasattr(found, "TYPE"):
            raise RegistryError(f"{path} defines no TYPE")
        key = getattr(found.TYPE, "key", None)
        if key != module.name:
            raise RegistryError(f"the key of {path} is {key!r}: it must be the name of its file, {module.name!r}")
        yield module.name, found.TYPE


def _add[T](types: dict[str, T], found: Iterator[tuple[str, T]], name: str) -> None:
    for key, type_ in found:
        if key in types:
            raise RegistryError(f"two {name} have the key {key!r}")
        types[key] = type_
