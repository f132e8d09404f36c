"""`make bench` is every benchmark that there is."""

from benchmarks.__main__ import ALL, ROOT


def test_every_benchmark_is_run_by_make_bench() -> None:
    modules = [path for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "__main__"]
    assert set(ALL) == {path.stem for path in modules if '__name__ == "__main__"' in path.read_text()}


def test_the_two_of_a_million_pages_have_a_short_form() -> None:
    for name in ("list_million", "pages_million"):
        options = dict(zip(ALL[name][::2], ALL[name][1::2], strict=True))
        assert options == {"--size": "2000", "--repeats": "1", "--databases": "sqlite"}
