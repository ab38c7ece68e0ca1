import re
import sys

from rouage.automations.registry import ACTIONS
from tests.house.repository import ROOT


def test_the_action_of_the_guide_is_one_file_that_works(tmp_path, monkeypatch):
    guide = (ROOT / "docs" / "how-to" / "adding-an-action.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    package = tmp_path / "guided_actions"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "post_to_chat.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    with ACTIONS.including("guided_actions"):
        action = ACTIONS["post_to_chat"]
        config = action.read(action.example, action.version)
        schema = action.Config.model_json_schema()
    assert config.text == "{{ number }} waits for {{ client.name }}."
    assert set(schema["properties"]) == {"url", "text"}
    assert "post_to_chat" not in ACTIONS
    for name in [name for name in sys.modules if name.startswith("guided_actions")]:
        monkeypatch.delitem(sys.modules, name)
