"""The HTML page: its source, and how a browser shows it."""

import re
import shutil
from contextlib import contextmanager
from html.parser import HTMLParser

import numpy as np
import pytest

from skdigits.reports import DigitReport

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SCRIPT = "<script>document.title = 'run'; fetch('http://127.0.0.1:9/')</script>"


@pytest.fixture(scope="module")
def hostile(digits, model):
    """Return a report with labels and a name that contain HTML."""
    _, X, _, y = digits
    labels = np.array(
        [
            SCRIPT,
            '"><img src=x onerror=alert(1)>',
            "&amp;",
            "$x$",
            "_",
            "五",
            "' onload='x",
            "</style>",
            "-->",
            "plain",
        ]
    )
    return DigitReport.from_predictions(
        labels[y], model.predict_proba(X), labels=labels, images=X, name=SCRIPT
    )


class BalancedParser(HTMLParser):
    """Check that every element is closed, in the right order."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self, page):
        super().__init__()
        self.open, self.tags = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


class TestSource:
    def test_is_well_formed_and_has_alternative_texts(self, report, tmp_path):
        report.save(tmp_path / "report.html")
        parsed = BalancedParser((tmp_path / "report.html").read_text("utf-8"))
        assert parsed.open == []
        images = [attributes for tag, attributes in parsed.tags if tag == "img"]
        assert len(images) > 20
        assert all(image["alt"] for image in images)
        assert all(image["src"].startswith("data:image/") for image in images)

    def test_has_no_external_references(self, report):
        page = report._repr_html_()
        assert re.findall(r"""(?:src|href)=["'](?!data:)""", page) == []
        assert "@import" not in page
        assert "url(" not in page

    def test_escapes_labels(self, hostile):
        parsed = BalancedParser(hostile._repr_html_())
        tags = [tag for tag, _ in parsed.tags]
        assert "script" not in tags
        assert tags.count("style") == 1
        for _, attributes in parsed.tags:
            assert not any(name.startswith("on") for name in attributes)

    def test_is_deterministic(self, report):
        assert report._repr_html_() == report._repr_html_()

    def test_of_a_confusion_matrix(self, report):
        page = DigitReport.from_confusion_matrix(report.confusion_matrix_)._repr_html_()
        assert BalancedParser(page).open == []
        assert "rejected" not in page

    @pytest.mark.parametrize("n_classes", [1, 2, 60])
    def test_of_any_number_of_classes(self, random_predictions, n_classes):
        y, proba = random_predictions(300, n_classes)
        page = DigitReport.from_predictions(y, proba)._repr_html_()
        assert BalancedParser(page).open == []


@pytest.fixture(scope="module")
def browser():
    """Return headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
class TestBrowser:
    @contextmanager
    def opened(self, browser, path, **settings):
        """Open a file, and fail on any console message or network request."""
        messages, requests = [], []
        context = browser.new_context(**settings)
        page = context.new_page()
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        yield page
        assert messages == []
        assert [u for u in requests if not u.startswith(("file:", "data:"))] == []
        context.close()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_shows_every_image(self, browser, report, tmp_path, scheme):
        report.save(tmp_path / "report.html")
        with self.opened(
            browser, tmp_path / "report.html", color_scheme=scheme
        ) as page:
            widths = page.eval_on_selector_all(
                "img", "images => images.map(image => image.naturalWidth)"
            )
            assert len(widths) > 20
            assert min(widths) > 0
            paper = page.eval_on_selector(
                ".skdigits-report", "part => getComputedStyle(part).backgroundColor"
            )
            dark = sum(map(int, re.findall(r"\d+", paper))) < 384
            assert dark == (scheme == "dark")

    def test_fits_on_a_phone(self, browser, report, tmp_path):
        report.save(tmp_path / "report.html")
        size = {"width": 360, "height": 640}
        with self.opened(browser, tmp_path / "report.html", viewport=size) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= 360

    def test_prints_on_a4(self, browser, report, tmp_path):
        report.save(tmp_path / "report.html")
        with self.opened(browser, tmp_path / "report.html") as page:
            page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
        boxes = re.findall(
            rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]",
            (tmp_path / "report.pdf").read_bytes(),
        )
        assert 1 <= len(boxes) <= 6
        assert {tuple(round(float(x)) for x in box) for box in boxes} <= {
            (595, 842),
            (596, 842),
        }

    def test_shows_a_script_tag_without_running_it(self, browser, hostile, tmp_path):
        hostile.save(tmp_path / "<b>report.html")
        with self.opened(browser, tmp_path / "<b>report.html") as page:
            assert page.title().startswith("<script>document.title")
            assert SCRIPT in page.inner_text("main")
            assert page.locator("script, b").count() == 0
