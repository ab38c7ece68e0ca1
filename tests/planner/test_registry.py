from importlib import metadata

import pytest

from rouage.planner import registry
from rouage.planner.operators import BUILT_IN
from rouage.planner.registry import Registry, RegistryError
from rouage.planner.types import ALL, fits
from tests.planner.packages import temporary_package

FAX = """
class SendFax:
    key = "send_fax"

TYPE = SendFax()
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    return lambda name="temporary_types", **files: temporary_package(tmp_path, monkeypatch, name, **files)


def test_types_of_a_package_are_found_by_their_file_names(package):
    types = Registry("actions", package(send_fax=FAX, _shared="a helper has no TYPE"))

    types.load()

    assert list(types) == ["send_fax"]
    assert types["send_fax"].key == "send_fax"
    assert len(types) == 1


def test_built_in_types_stand_beside_those_of_the_package(package):
    operators = Registry("conditions", package(), built_in=BUILT_IN)

    operators.load()

    assert dict(operators) == dict(BUILT_IN)


def test_loading_twice_changes_nothing(package):
    types = Registry("actions", package(send_fax=FAX))
    types.load()
    first = types["send_fax"]

    types.load()

    assert types["send_fax"] is first


def test_registry_used_before_it_is_loaded_says_so(package):
    types = Registry("actions", package(send_fax=FAX))

    with pytest.raises(RegistryError, match="before it is loaded"):
        types["send_fax"]
    with pytest.raises(RegistryError, match="before it is loaded"):
        list(types)


def test_key_that_is_not_the_file_name_is_refused(package):
    with pytest.raises(RegistryError, match="must be the name of its file, 'send_telex'"):
        Registry("actions", package(send_telex=FAX)).load()


def test_file_without_a_type_is_refused(package):
    with pytest.raises(RegistryError, match="empty defines no TYPE"):
        Registry("actions", package(empty="X = 1")).load()


def test_duplicate_of_a_built_in_key_is_refused(package):
    source = "class Is:\n    key = 'is_empty'\nTYPE = Is()"

    with pytest.raises(RegistryError, match="two conditions have the key 'is_empty'"):
        Registry("conditions", package(is_empty=source), built_in=BUILT_IN).load()


def test_package_that_does_not_exist_is_named():
    with pytest.raises(RegistryError, match="no_such_package_of_types cannot be imported"):
        Registry("actions", "no_such_package_of_types").load()


def test_error_inside_a_type_file_is_not_hidden(package):
    with pytest.raises(ZeroDivisionError):
        Registry("actions", package(send_fax="1 / 0")).load()


def test_further_package_is_included_only_inside_the_block(package, tmp_path):
    types = Registry("actions", package("first_types", send_fax=FAX))
    second = package("second_types", send_telex=FAX.replace("send_fax", "send_telex"))

    with types.including(second):
        assert sorted(types) == ["send_fax", "send_telex"]

    assert list(types) == ["send_fax"]


def test_failing_block_leaves_the_registry_as_it_was(package):
    types = Registry("actions", package("first_types", send_fax=FAX))
    second = package("second_types", send_telex=FAX.replace("send_fax", "send_telex"))

    with pytest.raises(LookupError), types.including(second):
        raise LookupError

    assert list(types) == ["send_fax"]


def test_installed_packages_add_types_by_entry_points(package, monkeypatch):
    second = package("acme_types", send_telex=FAX.replace("send_fax", "send_telex"))
    offered = metadata.EntryPoints(
        [
            metadata.EntryPoint(name="actions", value=second, group="rouage.types"),
            metadata.EntryPoint(name="triggers", value="never_imported", group="rouage.types"),
        ]
    )
    monkeypatch.setattr(registry, "entry_points", offered.select)
    types = Registry("actions", package("first_types", send_fax=FAX))

    types.load()

    assert sorted(types) == ["send_fax", "send_telex"]


def test_registry_cannot_be_written(package):
    types = Registry("actions", package(send_fax=FAX))
    types.load()

    with pytest.raises(TypeError):
        types["send_telex"] = types["send_fax"]


def test_repr_names_the_types(package):
    types = Registry("actions", package(send_fax=FAX))
    types.load()

    assert repr(types) == "Registry('actions', ['send_fax'])"


def test_type_fits_its_kinds_or_all():
    assert fits(ALL, "quote")
    assert fits(frozenset({"quote"}), "quote")
    assert not fits(frozenset({"quote"}), "invoice")
