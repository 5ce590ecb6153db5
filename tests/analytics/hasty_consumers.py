"""The consumers, but what the store refuses comes again at once instead of after a while."""

from analytics import event_delivery
from analytics.__main__ import main

if __name__ == "__main__":
    event_delivery._REDELIVER_AFTER_S = 0.05
    main()
