"""`python -m tests.benchmarks`: little, since each process that a benchmark starts reads it too."""

if __name__ == "__main__":
    from tests.benchmarks.running import main

    main()
