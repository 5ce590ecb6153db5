"""The gateway with short patience on sockets, so that tests need not wait as long as clients."""

import subprocess
import sys
from typing import Self

from gateway import __main__ as command_line
from gateway.socket import heartbeat, session
from tests.gateway.gateway_process import ROOT, GatewayProcess

PING_S = 0.2
GONE_S = 1.0
AUTH_S = 0.5


class ImpatientGateway(GatewayProcess):
    """``python -m gateway`` with this module's times."""

    def start(self) -> Self:
        with self.log_path.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.gateway.socket.impatient_gateway"],
                env=self.environment,
                cwd=ROOT,
                stdout=output,
                stderr=output,
            )
        self.wait_until(self.answers)
        return self


if __name__ == "__main__":
    heartbeat.PING_S = PING_S
    heartbeat.GONE_S = GONE_S
    session.AUTH_S = AUTH_S
    sys.argv = sys.argv[:1]
    sys.exit(command_line.main())
