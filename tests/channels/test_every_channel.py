"""What every channel must do, whoever wrote it: these checks find channels in the registry by themselves."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.registry import CHANNELS, module_of
from handlers import ports
from handlers.ports import Answer, Channel, Forged, RawRequest, Refused, SendFailed, Unreadable
from tests.channels import recorded
from tests.channels.receiver import Receiver

EVERY = pytest.mark.parametrize("name", list(CHANNELS))
FATES = [(name, fate) for name in CHANNELS for fate in recorded.fates(name)]


def each(expecting: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("recording", list(recorded.recordings(expecting)), ids=str)


# ---- What lies beside a channel ----


@EVERY
def test_a_channel_is_called_what_the_registry_calls_it(name):
    channel = recorded.made(name)
    assert (channel.name, channel.account) == (name, recorded.account(name)["account"])


@EVERY
def test_every_setting_of_a_channel_says_what_it_means(name):
    fields = module_of(name).Settings.model_fields
    assert fields and [key for key, field in fields.items() if not (field.description or "").strip()] == []


@EVERY
def test_the_page_of_a_channel_lists_exactly_the_words_that_prove_something(name):
    page = (recorded.PAGES / f"{name}.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", page, re.MULTILINE))
    assert rows == dict(recorded.made(name).capabilities.proves)


@EVERY
def test_a_channel_says_how_a_lost_answer_is_settled(name):
    capabilities = recorded.made(name).capabilities
    assert capabilities.resolves
    assert (capabilities.key_window > timedelta(0)) == (ports.Resolve.KEY in capabilities.resolves)


@EVERY
def test_a_channel_brings_genuine_and_forged_requests_and_the_fates_of_its_emulator(name):
    kinds = [kind for kind in ("events", "forged") for r in recorded.recordings(kind) if r.channel == name]
    assert set(kinds) == {"events", "forged"} and recorded.fates(name)


@EVERY
def test_the_acknowledgement_is_short_and_names_its_type(name):
    body, kind = recorded.made(name).acknowledgement()
    assert len(body) < 200 and re.fullmatch(r"[a-z]+/[a-z+.-]+", kind)


# ---- What comes in ----


@each("events")
def test_a_recorded_request_means_what_was_written_beside_it(recording):
    channel = recorded.made(recording.channel)
    events = [
        e for element in channel.authenticate(recording.request) for e in channel.interpret(element.inner)
    ]
    assert tuple(events) == recorded.expected_events(recording)


@each("events")
def test_the_same_request_again_bears_the_same_keys(recording):
    first = recorded.made(recording.channel).authenticate(recording.request)
    again = recorded.made(recording.channel).authenticate(recording.request)
    assert [e.key for e in first] == [e.key for e in again]
    assert all(0 < len(e.key) <= 200 for e in first)


@EVERY
def test_no_two_recorded_events_share_a_key(name):
    channel = recorded.made(name)
    mine = [recording for recording in recorded.recordings("events") if recording.channel == name]
    keys = [element.key for recording in mine for element in channel.authenticate(recording.request)]
    assert len(keys) == len(set(keys)) >= len(mine)


@each("forged")
def test_a_forgery_is_refused(recording):
    channel = recorded.made(recording.channel)
    receive = channel.greet if recording.name.startswith("forged-address-check") else channel.authenticate
    with pytest.raises(Forged):
        receive(recording.request)


@each("unreadable")
def test_what_is_rightly_signed_but_senseless_is_kept_and_called_unreadable(recording):
    channel = recorded.made(recording.channel)
    (element,) = channel.authenticate(recording.request)
    with pytest.raises(Unreadable):
        channel.interpret(element.inner)


@each("greeting")
def test_an_address_check_is_answered_with_its_own_word(recording):
    channel = recorded.made(recording.channel)
    assert channel.greet(recording.request) == recording.expected["greeting"].encode()


@EVERY
def test_an_unsigned_address_check_is_refused(name):
    with pytest.raises(Forged):
        recorded.made(name).greet(RawRequest("GET", f"/hooks/{name}/x?echostr=1", {}, b""))


@EVERY
@settings(max_examples=150, deadline=None)
@given(data=some.data())
def test_nothing_that_can_be_posted_makes_a_channel_stumble(name, data):
    request = data.draw(some.sampled_from(_genuine(name)))
    target = data.draw(
        some.one_of(some.just(request.target), some.text().map(lambda text: request.target + text))
    )
    names = some.sampled_from([*request.headers, "content-type"])
    headers = request.headers | data.draw(some.dictionaries(names, some.text(), max_size=2))
    changed = RawRequest(
        "POST", target, headers, data.draw(some.one_of(some.binary(), _damaged(request.body)))
    )
    channel = recorded.made(name)
    try:
        elements = channel.authenticate(changed)
    except Forged:
        return
    assert [e.key for e in elements] == [e.key for e in channel.authenticate(request)]


@EVERY
@settings(max_examples=150, deadline=None)
@given(inner=some.data())
def test_nothing_that_was_stored_makes_the_reading_stumble(name, inner):
    channel = recorded.made(name)
    stored = [element.inner for request in _genuine(name) for element in channel.authenticate(request)]
    raw = inner.draw(some.one_of(some.binary(), some.sampled_from(stored).flatmap(_damaged)))
    try:
        channel.interpret(raw)
    except Unreadable:
        return


# ---- What goes out ----


@EVERY
def test_the_same_notice_is_always_the_same_request(name):
    address = recorded.account(name)["address"]
    first, again = (recorded.made(name).prepare(recorded.envelope(address)) for _ in range(2))
    assert first == again


@EVERY
def test_a_request_carries_the_link_and_our_reference(name):
    envelope = recorded.envelope(recorded.account(name)["address"])
    request = recorded.made(name).prepare(envelope).decode("utf-8")
    assert envelope.link in request and envelope.client_ref in request


@EVERY
@pytest.mark.parametrize("reference", ["x" * 33, "工伤", "", "a b"])
def test_a_reference_is_at_most_32_ascii_characters(name, reference):
    with pytest.raises(Refused):
        recorded.made(name).prepare(
            recorded.envelope(recorded.account(name)["address"], client_ref=reference)
        )


@EVERY
@pytest.mark.parametrize("address", ["", "地址", "a\nb", " "])
def test_an_impossible_address_is_refused_before_anything_is_sent(name, address):
    with pytest.raises(Refused):
        recorded.made(name).prepare(recorded.envelope(address))


@EVERY
def test_a_gateway_that_is_not_there_has_surely_taken_nothing(name, closed_port):
    channel = recorded.made(name, api_base=closed_port)
    with pytest.raises(ports.Throttled):
        channel.send(channel.prepare(recorded.envelope(recorded.account(name)["address"])))


@pytest.mark.parametrize(("name", "fate"), FATES, ids=[f"{n}-{f['fate']}" for n, f in FATES])
def test_what_the_gateway_does_is_told_in_our_words(name, fate):
    with _gateway(name) as (channel, receiver):
        request = channel.prepare(recorded.envelope(fate["address"], callback_base=receiver.url))
        assert _told(channel, request) == fate["send"]
        if "find" in fate:
            assert _found(channel, request) == fate["find"]
        events = receiver.events(channel, len(fate.get("receipts", [])))
        assert sorted({event.outcome for event in events}) == sorted(fate.get("receipts", []))


@cache
def _genuine(name: str) -> tuple[RawRequest, ...]:
    return tuple(r.request for r in recorded.recordings("events") if r.channel == name)


def _damaged(raw: bytes) -> some.SearchStrategy[bytes]:
    """Bytes that differ from these in one place."""
    place = some.integers(0, max(len(raw) - 1, 0))
    return some.tuples(place, some.binary(max_size=3)).map(
        lambda cut: raw[: cut[0]] + cut[1] + raw[cut[0] + 1 :]
    )


@contextmanager
def _gateway(name: str) -> Iterator[tuple[Channel, Receiver]]:
    """A channel between its emulator and a place for the emulator's callbacks."""
    acknowledgement = recorded.made(name).acknowledgement()
    with Receiver(acknowledgement) as receiver, recorded.emulator(name).started(receiver.url) as changed:
        given = recorded.account(name)
        module = module_of(name)
        values = module.Settings.model_validate(given["settings"] | changed)
        yield module.build(given["account"], values, receiver.url), receiver


def _told(channel: Channel, request: bytes) -> str:
    try:
        answer = channel.send(request)
    except SendFailed as failure:
        return type(failure).__name__
    assert isinstance(answer, Answer) and answer.raw and answer.provider_id
    return str(answer.outcome)


def _found(channel: Channel, request: bytes) -> str | None:
    answer = channel.find(request, datetime.now(UTC) - timedelta(minutes=5))
    return None if answer is None else "taken"
