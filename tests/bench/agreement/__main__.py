"""Print what was done and whether all agree; see the package."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from compose.install import Environment
from compose.web_client import ensure_built
from gateway.accounts.invitation_store import MongoInvitationStore
from gateway.store_client import open_store as open_gateway_store
from tests.bench.agreement.agreeing import Agreement, agreements, until_settled
from tests.bench.agreement.mixed_load import MixedLoad
from tests.bench.agreement.person import Person
from tests.bench.agreement.pictures import take_pictures
from tests.bench.faults.stack import Stack, StackPlan

_PEOPLE = 8
_CONSUMERS = ("history", "usage", "titles", "archive")
_PRICES = (
    '{"currency": "EUR", "models": {"rivulet-demo": '
    '{"prompt": 0.5, "cached": 0.1, "completion": 1.5}}}'
)


async def main() -> int:
    """Run it; returns 1 when anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.agreement", description=__doc__)
    parser.add_argument("--replies", type=int, default=2_000)
    parser.add_argument("--pictures", action="store_true", help="of the dashboards, to docs/images")
    arguments = parser.parse_args()
    if arguments.pictures:
        ensure_built(Environment(Path(sys.prefix)))
    with tempfile.TemporaryDirectory(prefix="rivulet-agreement-") as folder:
        archive = Path(folder) / "archive"
        settings = {
            "RIVULET_REGISTRATION": "open",
            "RIVULET_ARCHIVE_DIR": str(archive),
            "RIVULET_ARCHIVE_EVERY_S": "2",
            # What a killed consumer had in hand comes again soon.
            "RIVULET_ACK_WAIT_S": "5",
            # So that the pictures have a cost to show.
            "RIVULET_PRICES": _PRICES,
        }
        plan = StackPlan(
            workers=2, gateways=1, tokens_per_s=100, consumers=_CONSUMERS, settings=settings
        )
        async with Stack(Path(folder), plan) as stack:
            return await _run(stack, archive, arguments.replies, pictures=arguments.pictures)


async def _run(stack: Stack, archive: Path, replies: int, *, pictures: bool) -> int:
    rng = random.Random(replies)
    url = f"http://127.0.0.1:{stack.ports[0]}"
    people = [Person(url, f"person{number}@example.org", rng) for number in range(_PEOPLE)]
    visitor = Person(url, "visitor@example.org", rng)
    await asyncio.gather(*(person.register() for person in (*people, visitor)))
    load = MixedLoad(people, visitor, rng)
    await load.run(stack, replies)
    last = await until_settled(stack, archive)
    found = await agreements(stack, archive)
    _print(load, last, found)
    if pictures:
        admin = Person(url, "admin@example.org", rng)
        async with open_gateway_store(stack.store_url) as store:
            _, code = await MongoInvitationStore(store).invite("bench", "admin", "")
        await admin.register(code=code)
        await asyncio.to_thread(take_pictures, url, admin.email, people[0].email)
        await admin.close()
    await asyncio.gather(*(person.close() for person in (*people, visitor)))
    return 0 if all(agreement.equal for agreement in found) else 1


def _print(load: MixedLoad, last: int, found: list[Agreement]) -> None:
    print(f"{load.replies} replies, {last} events")
    print("done:   " + ", ".join(f"{n} {name}" for name, n in load.deeds.most_common()))
    print("killed: " + ", ".join(f"{n} {name}" for name, n in sorted(load.kills.items())))
    for source, projection, equal, said in found:
        print(f"{projection} from the {source}: {'the same' if equal else 'NOT THE SAME'}")
        print("  " + said.replace("\n", "\n  "))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
