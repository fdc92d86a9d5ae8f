"""`python -m seqtui`: the same as `seqtui`."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # -m puts the folder one stands in first: a random.py or torch.py there would be imported instead.
        del sys.path[0]

    from seqtui.cli import main

    main()
