"""The faster parser of headers returns what nats-py's own returns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client

from schemas.nats_client import FastHeadersClient

PARTS = st.sampled_from(
    [b"Nats-Sequence", b":", b": ", b"\r\n", b" ", b"\t", b"12", b"\xff", "é".encode(), b"a b"]
)


@given(st.one_of(st.binary(), st.lists(PARTS).map(b"".join)))
def test_any_block_of_bytes_gives_the_same_headers(raw: bytes) -> None:
    assert FastHeadersClient._parse_header_lines(raw) == Client._parse_header_lines(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"Nats-Stream: REPLIES\r\nNats-Subject: reply.R\r\nNats-Sequence: 12\r\n\r\n",
        b"Name:Value\r\nOther:\tx \r\n\r\n",
        b"No colon\r\n: no name\r\nTwo words: x\r\nN\xc3\xa9: x\r\nA: \xff\r\nA: last wins\r\n",
        b"",
    ],
)
def test_blocks_as_brokers_send_them_give_the_same_headers(raw: bytes) -> None:
    for _ in range(2):
        assert FastHeadersClient._parse_header_lines(raw) == Client._parse_header_lines(raw)
