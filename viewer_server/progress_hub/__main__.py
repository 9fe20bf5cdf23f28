"""`python -m progress_hub`."""

from progress_hub import serve


def main() -> None:
    """The hub's command line, as `progress hub` passes it on."""
    serve.main(prog_name="progress hub")


if __name__ == "__main__":
    main()
