import pytest

# A failed check shows what it found, as in a test.
pytest.register_assert_rewrite("tests.browser.checks")
