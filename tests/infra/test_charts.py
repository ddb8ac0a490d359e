from xml.etree import ElementTree

from registry.infra import charts

YEARS = (2025, 2026, 2027, 2028)
LABELS = {"actual_label": "Нақты мән", "target_label": "Жоспар", "unit": "млрд теңге", "language": "kk"}


def draw(actual=(1.5, None, 0.0, 2.25), target=(2.3, 2.35, None, 4.0), **values):
    charts.actual_against_target.cache_clear()
    return charts.actual_against_target(YEARS, actual, target, **{**LABELS, **values})


def test_the_same_figures_give_the_same_bytes_without_a_date():
    first = draw()
    assert first == draw()
    assert first != draw(actual=(1.5, None, 0.0, 2.26))
    assert b"<dc:date>" not in first and b"Matplotlib" not in first
    assert len(first) < 60_000


def test_it_is_one_valid_picture_without_anything_from_outside():
    root = ElementTree.fromstring(draw())
    assert root.tag.endswith("svg") and root.get("viewBox")
    links = [value for element in root.iter() for name, value in element.attrib.items() if name.endswith("href")]
    assert links and all(link.startswith("#") for link in links)
    assert not any(element.tag.endswith(("script", "image", "foreignObject")) for element in root.iter())


def test_bars_are_hatched_and_the_line_is_marked_so_that_black_and_white_suffices():
    text = draw().decode()
    assert "<pattern" in text
    with_target, without_target = draw(), draw(target=(None,) * 4)
    assert len(with_target) > len(without_target)


def test_a_missing_value_draws_no_bar():
    hatched = [draw(actual=values).count(b"fill: url(#") for values in ((1.0, 1.0, 1.0, 1.0), (1.0, None, None, 1.0))]
    assert hatched[0] - hatched[1] == 2


def test_nothing_at_all_is_drawn_too():
    assert ElementTree.fromstring(draw(actual=(None,) * 4, target=(None,) * 4)).tag.endswith("svg")


def test_ticks_are_written_as_the_language_does():
    small = {"actual": (0.5, 0.6, 0.7, 0.8), "target": (0.6, 0.65, 0.7, 0.75)}
    assert draw(**small) != draw(**small, language="en")
    assert charts._number(0.5, "kk") == "0,5"
    assert charts._number(0.5, "en") == "0.5"
    assert charts._number(1600, "ru") == "1 600"


def test_values_beside_bars_are_as_precise_as_in_tables():
    assert [charts._number(value, "kk", places=2) for value in (4.1, 2.55)] == ["4,10", "2,55"]
    assert charts._number(1600, "ru", places=0) == "1 600"
    assert charts._number(-0.25, "ru", places=2) == "−0,25"
    drawn = [draw(actual=(2.1, None, None, None), running_label="…"), draw(actual=(2.1, None, None, None))]
    assert drawn[0].count(b"<use") - drawn[1].count(b"<use") >= len("2,10")
