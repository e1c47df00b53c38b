import http.server
import importlib.util
import re
import socket
import threading
from pathlib import Path

import pytest
from numpy.testing import assert_array_equal

from skdigits.datasets import _mnist, fetch_mnist


@pytest.fixture
def serve(monkeypatch, small_archive):
    """Return a function that starts a local server and downloads from it."""
    servers = []

    def start(answer, checksum=small_archive[1]):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.server.n_requests += 1
                answer(self, small_archive[0])

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.n_requests = 0
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/mnist.npz"
        monkeypatch.setattr(_mnist, "_URL", url)
        monkeypatch.setattr(_mnist, "_SHA256", checksum)
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def answer_content(request, content):
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


def answer_half(request, content):
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content[: len(content) // 2])


def answer_half_without_length(request, content):
    request.send_response(200)
    request.end_headers()
    request.wfile.write(content[: len(content) // 2])


def answer_page(request, content):
    answer_content(request, b"<html>Please log in to this network.</html>")


def answer_not_found(request, content):
    request.send_error(404)


def answer_server_error(request, content):
    request.send_error(500)


def hang_up(request, content):
    request.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.network
def test_download(tmp_path, serve, small_mnist):
    server = serve(answer_content)
    folder = tmp_path / "new"
    mnist = fetch_mnist(subset="all", data_home=folder)
    assert_array_equal(mnist.images[:5], small_mnist["x_train"])
    assert_array_equal(mnist.images[5:], small_mnist["x_test"])
    assert [path.name for path in folder.iterdir()] == ["mnist.npz"]
    fetch_mnist(data_home=folder)
    assert server.n_requests == 1


@pytest.mark.network
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (answer_half, "IncompleteRead|hash"),
        (answer_half_without_length, "hash"),
        (answer_page, "hash"),
        (answer_not_found, "404"),
        (answer_server_error, "500"),
        (hang_up, "Connection|connection"),
    ],
)
def test_failed_download_leaves_no_file_behind(tmp_path, serve, answer, message):
    serve(answer)
    where = re.escape(str(tmp_path))
    with pytest.raises(OSError, match=f"mnist.npz to '{where}'(?s:.*)({message})"):
        fetch_mnist(data_home=tmp_path, n_retries=0)
    assert list(tmp_path.iterdir()) == []
    serve(answer_content)
    assert len(fetch_mnist(data_home=tmp_path).target) == 5


@pytest.mark.network
def test_wrong_checksum(tmp_path, serve):
    serve(answer_content, checksum="0" * 64)
    with pytest.raises(OSError, match="hash"):
        fetch_mnist(data_home=tmp_path, n_retries=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.network
def test_retry(tmp_path, serve):
    def answer_second_request(request, content):
        if request.server.n_requests < 2:
            answer_half(request, content)
        else:
            answer_content(request, content)

    server = serve(answer_second_request)
    assert len(fetch_mnist(data_home=tmp_path, n_retries=1).target) == 5
    assert server.n_requests == 2


@pytest.mark.network
def test_interrupt_leaves_no_file_behind(tmp_path, serve, monkeypatch):
    import pooch

    def interrupt(self, url, output_file, pooch, check_only=False):
        Path(output_file).write_bytes(b"half of it")
        raise KeyboardInterrupt

    serve(answer_content)
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch_mnist(data_home=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.network
def test_simultaneous_downloads(tmp_path, serve):
    serve(answer_content)
    results, errors = [], []

    def fetch():
        try:
            results.append(fetch_mnist(data_home=tmp_path).data)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(results) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["mnist.npz"]


def test_checksum_is_that_of_keras():
    # Reading the source avoids importing Keras, which takes seconds.
    keras = importlib.util.find_spec("keras")
    if keras is None:
        pytest.skip("keras is not installed")
    source = Path(keras.origin).parent / "src" / "datasets" / "mnist.py"
    assert _mnist._SHA256 in source.read_text()
    assert _mnist._URL.rpartition("/")[0] in source.read_text()
