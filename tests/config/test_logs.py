import logging

from rouage.config.logs import LineFormatter


def line(message, *arguments, **extra):
    record = logging.makeLogRecord(
        {"name": "rouage.engine", "levelname": "INFO", "msg": message, "args": arguments} | extra
    )
    return LineFormatter().format(record)


def test_a_record_is_one_line_of_pairs():
    text = line("took %s rows", 3, pump="runs", reason='a "quoted"\nreason', created=0.0)
    assert text == (
        'at=1970-01-01T00:00:00.000+00:00 level=info logger=rouage.engine message="took 3 rows" '
        'pump=runs reason="a \\"quoted\\"\\nreason"'
    )


def test_an_error_stays_on_the_line():
    try:
        int("no")
    except ValueError as error:
        text = line("failed", exc_info=(type(error), error, error.__traceback__))
    assert "\n" not in text
    assert "ValueError: invalid literal" in text
