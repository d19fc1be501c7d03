"""A progress bar on a terminal, nothing elsewhere."""


class Progress:
    """Callback ``(stage, done, total)`` that draws a bar per stage; a context manager that closes the last one.

    Parameters
    ----------
    stream : text stream
        Nothing is drawn unless it is a terminal.
    console : Console
        Told once if tqdm is missing.
    """

    def __init__(self, stream, console):
        self._stream, self._stage, self._bar, self._tqdm = stream, None, None, None
        if stream is None or not stream.isatty():
            return
        try:
            from tqdm import tqdm
        except ImportError:
            console.note("no progress bar without tqdm: pip install 'kktcheck[cli]'")
        else:
            self._tqdm = tqdm

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self._bar is not None:
            self._bar.close()

    def __call__(self, stage, done, total):
        if self._tqdm is None:
            return
        if stage != self._stage:
            self.__exit__()
            # A resumed stage begins in the middle: what was done before must not count for the speed.
            self._stage, self._bar = stage, self._tqdm(total=total, initial=done, desc=stage, file=self._stream)
        self._bar.update(done - self._bar.n)
