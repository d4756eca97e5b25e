"""What a judge's clerk sees: a file dropped in, a verdict, its reasons, and the records to read."""

from base64 import b64encode

import pytest

from evidence import records
from tests.evidence import bundles, forgeries
from tests.evidence.worlds import LOG, facts, signed_case, small_case

pytestmark = pytest.mark.browser

DROP = """text => {
  const data = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([data], "案件.zip", { type: "application/zip" }));
  const all = { dataTransfer: transfer, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new DragEvent("drop", all));
}"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def good():
    return bundles.packed(bundles.members(signed_case(rotated=True, restored=True)))


@pytest.fixture(scope="module")
def bad():
    return bundles.edited(forgeries.FORGERIES["a part changed"][0])


def read(opened, data, name="bundle.zip"):
    """Choose a file with the button and wait for the verdict."""
    opened.page.set_input_files("#bundle", {"name": name, "mimeType": "application/zip", "buffer": data})
    opened.page.wait_for_selector(".verdict")
    return opened.page


def texts(page, selector):
    return page.locator(selector).all_inner_texts()


def test_a_good_bundle_is_called_good_in_chinese_and_in_english(open_wide, good):
    page = read(open_wide(), good)
    assert texts(page, ".verdict h2") == ["核验通过"]
    assert texts(page, ".three .says") == ["成立", "未要求", "成立"]
    page.click("#en")
    assert texts(page, ".verdict h2") == ["Verified"]
    assert texts(page, ".three .says") == ["Holds", "Not asked", "Holds"]
    assert page.get_attribute("html", "lang") == "en"
    page.click("#zh")
    assert texts(page, ".verdict h2") == ["核验通过"]


def test_a_bad_bundle_is_called_bad_and_the_reason_stands_right_below(open_wide, bad):
    page = read(open_wide(), bad)
    assert texts(page, ".verdict h2") == ["核验不通过"]
    assert texts(page, ".three .says") == ["不成立", "未要求", "成立"]
    assert "text 部分的内容与记录中的承诺值不符" in texts(page, "#result section")[2]
    assert "可能被改动过" in page.locator(".doubt").inner_text()


def test_a_file_that_is_no_bundle_is_called_neither(open_wide):
    page = read(open_wide(), b"a letter")
    assert texts(page, ".verdict h2") == ["读不出证据包"]
    assert page.locator(".three").count() == 0


def test_what_was_not_proved_is_always_shown(open_wide, good, bad):
    for data in (good, bad):
        page = read(open_wide(), data)
        assert "没有证明的" in texts(page, "#result h2")
        assert any("没有外部密钥或第三方时间凭证" in text for text in texts(page, ".bullets li"))


def test_the_code_on_the_employees_phone_is_shown_large(open_wide):
    page = read(open_wide(), bundles.packed(bundles.members()))
    assert texts(page, ".codes .code") == [records.record_code(small_case().hashes()[2])]


def test_the_records_are_listed_in_beijing_time_and_what_is_disclosed_can_be_read(open_wide, good):
    page = read(open_wide(), good)
    assert "拟定通知" in texts(page, ".story .kind")
    assert texts(page, ".story .when")[0] == "2026-11-20 09:00:01"
    page.locator(".story summary").nth(1).click()
    page.wait_for_selector(".story pre")
    assert texts(page, ".story pre") == ["请于周一返岗。"]


def test_a_time_stamp_says_that_its_signature_was_not_checked_here(open_wide, good):
    page = read(open_wide(), good)
    assert texts(page, "li:has-text('时间戳 tsa.example.cn') .tag") == ["时间戳的签名未在此检查"] * 2


def test_a_policy_answers_the_second_question(open_wide, good):
    opened = open_wide()
    asked = bundles.policy(label="rotated", origin=f"{LOG}/2")
    kept = [line for line in asked.splitlines() if not line.startswith("tsa")]
    opened.page.click("#trust summary")
    text = {"name": "policy.txt", "mimeType": "text/plain", "buffer": "\n".join(kept).encode() + b"\n"}
    opened.page.set_input_files("#policy", text)
    page = read(opened, good)
    assert texts(page, ".three .says")[1] == "成立"


@pytest.mark.parametrize("policy", [b"trust me\n", b"\xff\n", b"quorum none\r\n"])
def test_a_policy_that_cannot_be_used_is_said_to_be_so(policy, open_wide, good):
    opened = open_wide()
    opened.page.set_input_files("#policy", {"name": "policy.txt", "mimeType": "text/plain", "buffer": policy})
    assert texts(read(opened, good), ".verdict h2") == ["信任策略不能用"]


def test_a_file_can_be_dropped_anywhere(open_wide, good):
    page = open_wide().page
    page.evaluate(DROP, b64encode(good).decode())
    page.wait_for_selector(".verdict")
    assert "案件.zip" in page.locator(".facts").first.inner_text()


def test_the_whole_way_can_be_gone_with_the_keyboard(open_wide, good):
    opened = open_wide()
    page = opened.page
    seen = []
    for _ in range(5):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert seen[:4] == ["zh", "en", "bundle", "SUMMARY"]
    page.focus("#bundle")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.querySelector('.drop label')).outlineStyle")
    assert outline == "solid"


def test_the_verdict_is_told_to_who_listens(open_wide, bad):
    page = read(open_wide(), bad)
    assert page.get_attribute("#live", "aria-live") == "polite"
    assert page.locator("#live").inner_text().startswith("核验不通过")


EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202e"


def test_hostile_texts_and_names_stay_text(open_wide):
    world = small_case()
    world.add("case.changed", {"facts": facts(title=EVIL, note=EVIL), "text": EVIL.encode()})
    honest = bundles.export(world)
    data = bundles.changed(honest, case_no=EVIL.rstrip("\u202e"))
    opened = open_wide()
    page = read(opened, data, name="<b>evil\u202e.zip")
    for summary in page.locator(".story summary").all():
        summary.click()
    page.wait_for_selector(".story li:last-child .part:last-child pre")
    assert page.locator("#result img, #result script, #result b").count() == 0
    assert "<img src=x onerror=alert(1)>" in page.locator("#result").inner_text()
    assert "\u202e" not in page.locator("body").inner_text()
    assert opened.wrong == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 320])
def test_nothing_scrolls_sideways_on_a_phone(width, language, open_wide, good, bad):
    for data in (good, bad, b"a letter"):
        opened = open_wide(width=width, height=844)
        opened.page.click(f"#{language}")
        page = read(opened, data)
        page.click("#trust summary")
        for summary in page.locator(".story summary").all():
            summary.click()
        assert page.evaluate(TOO_WIDE) <= 0


def contrast(page, selector):
    """The contrast of an element's letters against what stands behind it (WCAG 2.2, 1.4.3)."""
    return page.evaluate(
        """selector => {
          const parts = (text) => text.match(/[\\d.]+/g).map(Number);
          const light = (text) => {
            const [r, g, b] = parts(text).slice(0, 3).map((one) => {
              const part = one / 255;
              return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          return [...document.querySelectorAll(selector)].map((node) => {
            let behind = node;
            while (parts(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
            const ink = light(getComputedStyle(node).color);
            const paper = light(getComputedStyle(behind).backgroundColor);
            return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
          });
        }""",
        selector,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_can_be_told_from_their_ground_by_day_and_by_night(scheme, open_wide, good, bad):
    for data in (good, bad, b"a letter"):
        page = read(open_wide(color_scheme=scheme), data)
        assert (
            min(contrast(page, "#result :is(h2,h3,p,dt,dd,li,span,summary), .drop :is(strong,span)")) >= 4.5
        )


def test_what_is_for_choosing_files_is_not_printed(open_wide, good):
    page = read(open_wide(), good)
    page.emulate_media(media="print")
    assert not page.locator("#choose").is_visible()
    assert page.locator(".verdict").is_visible()


def test_a_long_case_is_shown_bit_by_bit(open_wide):
    world = small_case()
    for _ in range(300):
        world.add("case.changed", {})
    page = read(open_wide(), bundles.packed(bundles.members(world)))
    assert page.locator(".story > li").count() == 200
    page.click(".more")
    assert page.locator(".story > li").count() == 305
    assert not page.locator(".more").is_visible()


PAUSES = """() => {
  window.pauses = [];
  let before = 0;
  document.addEventListener("change", () => (before = performance.now()));
  setInterval(() => {
    if (before) {
      window.pauses.push(performance.now() - before);
      before = performance.now();
    }
  }, 1);
}"""


def test_the_page_answers_while_it_works(open_wide, tmp_path):
    """No pause between two turns of the page's own clock is long, although much is to be done."""
    world = small_case()
    for number in range(1500):
        world.add("case.changed", {"text": b"%d" % number * 2000})
    file = tmp_path / "bundle.zip"
    file.write_bytes(bundles.packed(bundles.members(world)))
    page = open_wide().page
    page.evaluate(PAUSES)
    page.set_input_files("#bundle", file)
    page.wait_for_selector(".verdict")
    assert texts(page, ".verdict h2") == ["核验通过"]
    pauses = page.evaluate("window.pauses")
    assert len(pauses) > 10
    assert max(pauses) < 2000  # a browser offers to stop a page after five seconds or more
