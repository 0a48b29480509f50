"""Stack traces of one fault as programs print them and shippers deliver them, and the ways in which two deliveries differ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

SPRING: Final = """2026-03-10 08:00:01.123 ERROR 7 --- [nio-8080-exec-4] o.a.c.c.C.[.[.[/].[dispatcherServlet] : Servlet.service() threw exception
org.springframework.web.util.NestedServletException: Request processing failed; nested exception is com.acme.pay.PaymentException: gateway call failed
\tat org.springframework.web.servlet.FrameworkServlet.processRequest(FrameworkServlet.java:1014)
\tat com.acme.pay.PayController$$EnhancerBySpringCGLIB$$1f2e3d4c.pay(<generated>)
\tat com.sun.proxy.$Proxy112.pay(Unknown Source)
\tat java.base/java.lang.Thread.run(Thread.java:829)
Caused by: com.acme.pay.PaymentException: gateway call failed
\tat com.acme.pay.PayService.lambda$charge$4(PayService.java:88)
\tat com.acme.pay.PayService$$Lambda$812/0x0000000800c8b840.get(Unknown Source)
\t... 23 more
\tSuppressed: java.io.IOException: stream already closed
\t\tat com.acme.pay.Closer.close(Closer.java:17)
\t\t... 24 more
Caused by: java.net.SocketTimeoutException: Read timed out
\tat java.base/java.net.SocketInputStream.socketRead0(Native Method)
\tat com.acme.pay.Gateway.post(Gateway.java:41)
\t... 31 common frames omitted"""

JAVA_PLAIN: Final = """Exception in thread "worker-12" java.lang.IllegalStateException: queue is closed
\tat com.acme.jobs.Queue.take(Queue.java:57)
\tat com.acme.jobs.Worker.lambda$start$0(Worker.java:31)
\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1136)
\tat java.base/java.lang.Thread.run(Thread.java:840)"""

JDBC: Final = """could not save the order
org.springframework.dao.DataIntegrityViolationException: could not execute statement
\tat org.springframework.orm.jpa.vendor.HibernateJpaDialect.convert(HibernateJpaDialect.java:276)
\tat com.acme.order.OrderService.save(OrderService.java:64)
Caused by: org.hibernate.exception.ConstraintViolationException: could not execute statement
\tat org.hibernate.exception.internal.SQLStateConversionDelegate.convert(SQLStateConversionDelegate.java:109)
\t... 78 more
Caused by: org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint "orders_pkey"
  Detail: Key (id)=(4711) already exists.
\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2675)
\t... 91 more"""

PYTHON: Final = """Job sync_orders failed
Traceback (most recent call last):
  File "/srv/app/net/client.py", line 57, in fetch
    sock.connect(address)
  File "/usr/lib/python3.11/socket.py", line 833, in create_connection
    raise exceptions[0]
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/jobs/sync.py", line 21, in run
    fetch(order)
  File "/srv/app/net/client.py", line 61, in fetch
    raise SyncError("ledger is not reachable") from error
app.errors.SyncError: ledger is not reachable"""

PYTHON_PLAIN: Final = """Traceback (most recent call last):
  File "/srv/app/worker.py", line 12, in <module>
    main()
  File "/srv/app/worker.py", line 9, in main
    return rates[currency]
           ~~~~~^^^^^^^^^^
ValueError: too many values to unpack (expected 2)"""

PYTHON_GROUP: Final = """  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/main.py", line 8, in main
  |     async with asyncio.TaskGroup() as group:
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/feed.py", line 33, in read
    |     raise TimeoutError("feed did not answer")
    | TimeoutError: feed did not answer
    +------------------------------------"""

NODE: Final = """Error: cannot load the basket
    at BasketService.load (/app/dist/basket.js:34:22)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at async /app/dist/routes/basket.js:12:18
    at async Promise.all (index 3) {
  [cause]: Error: connect ECONNREFUSED 10.1.2.3:6379
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {
    errno: -111,
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: '10.1.2.3',
    port: 6379
  }
}"""

NODE_PLAIN: Final = """TypeError: Cannot read properties of undefined (reading 'price')
    at Basket.total (/app/src/basket.js:18:27)
    at /app/src/routes.js:44:9
    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)
    at next (/app/node_modules/express/lib/router/route.js:144:13)"""

DOTNET: Final = """Unhandled exception. System.Net.Http.HttpRequestException: An error occurred while sending the request.
 ---> System.IO.IOException: Unable to read data from the transport connection: Connection reset by peer.
 ---> System.Net.Sockets.SocketException (104): Connection reset by peer
   --- End of inner exception stack trace ---
   at System.Net.Http.HttpConnection.SendAsyncCore(HttpRequestMessage request, Boolean async, CancellationToken token)
   at Acme.Pay.GatewayClient.<PostAsync>d__12.MoveNext() in /src/Pay/GatewayClient.cs:line 48
--- End of stack trace from previous location ---
   at Acme.Pay.PayService.PayAsync(Guid id) in /src/Pay/PayService.cs:line 120
   at lambda_method27(Closure , Object )"""

DOTNET_PLAIN: Final = """System.InvalidOperationException: Sequence contains no elements
   at System.Linq.ThrowHelper.ThrowNoElementsException()
   at System.Linq.Enumerable.First[TSource](IEnumerable`1 source)
   at Acme.Orders.OrderService.<>c__DisplayClass4_0.<Load>b__1(Order order) in C:\\src\\Orders\\OrderService.cs:line 71
   at Acme.Orders.OrderController.Get(Int32 id) in C:\\src\\Orders\\OrderController.cs:line 33"""

GO: Final = """panic: runtime error: index out of range [5] with length 3

goroutine 37 [running]:
github.com/acme/pay/internal/batch.(*Writer).flush(0xc0000b2000, {0xc00011e000, 0x3, 0x8})
\t/build/internal/batch/writer.go:91 +0x1d4
main.main.func1()
\t/build/cmd/pay/main.go:33 +0x45
created by main.main in goroutine 1
\t/build/cmd/pay/main.go:31 +0x8c
exit status 2"""

GO_NIL: Final = """http: panic serving 10.2.3.4:51234: runtime error: invalid memory address or nil pointer dereference
goroutine 5012 [running]:
net/http.(*conn).serve.func1()
\t/usr/local/go/src/net/http/server.go:1854 +0xbf
panic({0x8b2f40, 0xd3a5c0})
\t/usr/local/go/src/runtime/panic.go:890 +0x263
github.com/acme/pay/api.(*Handler).ServeHTTP(0xc0001a0000, {0x9d0a28, 0xc0003a2000}, 0xc000132100)
\t/build/api/handler.go:58 +0x2f"""

RUBY: Final = """NoMethodError (undefined method `price' for nil:NilClass):

app/models/basket.rb:27:in `total'
app/controllers/baskets_controller.rb:14:in `show'
/usr/local/bundle/gems/actionpack-7.0.4/lib/action_controller/metal.rb:227:in `dispatch'"""

PHP: Final = """PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /var/www/src/Db.php:22
Stack trace:
#0 /var/www/src/Db.php(22): PDO->__construct('mysql:host=10.0....', 'app', Object(SensitiveParameterValue))
#1 /var/www/src/Orders.php(45): Acme\\Db->open()
#2 {main}
  thrown in /var/www/src/Db.php on line 22"""

AGGREGATE: Final = """System.AggregateException: One or more errors occurred. (Connection refused (ledger:443))
 ---> System.Net.Http.HttpRequestException: Connection refused (ledger:443)
   at System.Net.Http.ConnectHelper.ConnectAsync(String host, Int32 port, CancellationToken cancellationToken)
   --- End of inner exception stack trace ---
   at System.Threading.Tasks.Task.WaitAllCore(Task[] tasks, Int32 millisecondsTimeout, CancellationToken cancellationToken)
   at Acme.Jobs.Nightly.Run() in C:\\build\\new\\Nightly.cs:line 15"""

NODE_GROUP: Final = """AggregateError
    at internalConnectMultiple (node:net:1114:18)
    at afterConnectMultiple (node:net:1667:5) {
  code: 'ECONNREFUSED',
  [errors]: [
    Error: connect ECONNREFUSED ::1:5432
        at createConnectionError (node:net:1634:14)
        at afterConnectMultiple (node:net:1664:40) {
      errno: -111,
      code: 'ECONNREFUSED'
    }
  ]
}"""

RUBY_UNCAUGHT: Final = """/srv/app/lib/ledger.rb:41:in `rescue in post': ledger is not reachable (Ledger::Unavailable)
\tfrom /srv/app/lib/ledger.rb:37:in `post'
\tfrom bin/book:9:in `<main>'
/usr/lib/ruby/3.2.0/net/protocol.rb:219:in `rbuf_fill': Net::ReadTimeout with a closed socket (Net::ReadTimeout)
\tfrom /usr/lib/ruby/3.2.0/net/protocol.rb:193:in `readuntil'
\tfrom /srv/app/lib/ledger.rb:38:in `post'"""

LARAVEL: Final = """[2026-03-10 08:00:01] production.ERROR: could not book the order {"exception":"[object] (App\\\\BookingException(code: 0): could not book the order at /var/www/app/Booking.php:31)
[stacktrace]
#0 /var/www/app/Http/OrderController.php(45): App\\\\Booking->book()
#1 /var/www/vendor/laravel/framework/src/Illuminate/Routing/Controller.php(54): App\\\\Http\\\\OrderController->store()
#2 {main}
"}"""

TRACES: Final[Mapping[str, str]] = {
    "spring": SPRING, "java": JAVA_PLAIN, "jdbc": JDBC, "python": PYTHON, "python plain": PYTHON_PLAIN, "python group": PYTHON_GROUP,
    "node": NODE, "node plain": NODE_PLAIN, "dotnet": DOTNET, "dotnet plain": DOTNET_PLAIN, "go": GO, "go nil": GO_NIL, "ruby": RUBY, "php": PHP,
    "dotnet aggregate": AGGREGATE, "node group": NODE_GROUP, "ruby uncaught": RUBY_UNCAUGHT, "laravel": LARAVEL,
}  # fmt: skip


def _renumbered(text: str) -> str:
    """Other line and column numbers, as after a release."""
    text = re.sub(r"(\.(?:java|js|go|rb|py|php)):(\d+)", lambda m: f"{m.group(1)}:{int(m.group(2)) + 13}", text)
    text = re.sub(r"(\d):(\d+)\)", lambda m: f"{m.group(1)}:{int(m.group(2)) + 2})", text)
    text = re.sub(r"(:line |, line |on line )(\d+)", lambda m: f"{m.group(1)}{int(m.group(2)) + 13}", text)
    return re.sub(r"(\.php)\((\d+)\)", lambda m: f"{m.group(1)}({int(m.group(2)) + 3})", text)


def _regenerated(text: str) -> str:
    """Other names of what is made while a program runs: lambdas, proxies, closures, addresses."""
    for pattern, other in (
        (r"\$\$EnhancerBySpringCGLIB\$\$\w+", "$$EnhancerBySpringCGLIB$$9a8b7c6d"),
        (r"\$Proxy\d+", "$Proxy7"),
        (r"lambda\$(\w+)\$\d+", r"lambda$\1$19"),
        (r"\$\$Lambda\$\d+/0x\w+", "$$Lambda$77/0x00007f2a4c0b1c40"),
        (r"lambda_method\d+", "lambda_method4"),
        (r"d__\d+", "d__3"),
        (r"DisplayClass\d+_\d+", "DisplayClass11_2"),
        (r"b__\d+", "b__0"),
        (r"0xc000\w+", "0xc0007fe5a0"),
        (r"\+0x\w+", "+0x3fe"),
        (r"goroutine \d{2,}", "goroutine 884"),
    ):
        text = re.sub(pattern, other, text)
    return text


def _other_threads(text: str) -> str:
    text = re.sub(r"\[nio-8080-exec-\d+\]", "[nio-8080-exec-117]", text)
    return text.replace('"worker-12"', '"pool-3-thread-1"')


def _deeper(text: str) -> str:
    """Called by another way: more frames of the framework, other numbers of those left out."""
    text = re.sub(r"\.\.\. \d+ (more|common)", r"... 48 \1", text)
    more = "\tat org.springframework.security.web.FilterChainProxy.doFilter(FilterChainProxy.java:209)\n"
    return text.replace("\tat java.base/java.lang.Thread.run", more + "\tat java.base/java.lang.Thread.run", 1)


def _newer_proxies(text: str) -> str:
    return text.replace("$$EnhancerBySpringCGLIB$$1f2e3d4c", "$$SpringCGLIB$$0").replace(
        "com.sun.proxy.$Proxy112", "jdk.proxy2/jdk.proxy2.$Proxy98"
    )


def _values(text: str) -> str:
    for one, other in (
        ("10.1.2.3:6379", "10.9.8.7:6380"), ("10.1.2.3", "10.9.8.7"), ("=(4711)", "=(99)"), ("10.2.3.4:51234", "10.2.3.9:40022"),
        ("range [5] with length 3", "range [17] with length 12"), ("2026-03-10 08:00:01.123", "2025-11-30 23:59:59.001"), ("ERROR 7 ---", "ERROR 21 ---"),
    ):  # fmt: skip
        text = text.replace(one, other)
    return text


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _of_docker(text: str) -> str:
    """As the JSON driver of Docker keeps lines, put together again."""
    moments = (f"2026-03-10T08:00:01.{number:09}Z" for number in range(1, 1_000))
    return "".join(
        json.dumps({"log": line + "\n", "stream": "stderr", "time": moment}, separators=(",", ":")) + "\n"
        for line, moment in zip(text.split("\n"), moments, strict=False)
    )


def _of_kubelet(text: str) -> str:
    """As a container runtime writes lines: time, stream, whether the line is whole; long lines in parts."""
    lines = []
    for number, line in enumerate(text.split("\n")):
        stamp = f"2026-03-10T08:00:01.{number:09}Z stderr"
        whole, half = (line[40:], f"{stamp} P {line[:40]}\n") if len(line) > 100 else (line, "")
        lines.append(f"{half}{stamp} F {whole}")
    return "\n".join(lines)


def _each_line(prefix: str) -> Callable[[str], str]:
    return lambda text: "\n".join(prefix.format(number) + line for number, line in enumerate(text.split("\n"), 10))


DELIVERIES: Final[Mapping[str, Callable[[str], str]]] = {
    "line numbers": _renumbered,
    "generated names": _regenerated,
    "newer proxies": _newer_proxies,
    "thread names": _other_threads,
    "frames left out": _deeper,
    "values": _values,
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "escaped": lambda text: text.replace("\n", "\\n").replace("\t", "\\t"),
    "escaped with carriage returns": lambda text: text.replace("\n", "\\r\\n").replace("\t", "\\t"),
    "escaped twice": lambda text: text.replace("\n", "\\\\n").replace("\t", "\\\\t"),
    "blanks for tabs": lambda text: text.replace("\t", "    "),
    "one line": lambda text: re.sub(r"\s*\n\s*", " ", text),
    "one line with tabs": lambda text: re.sub(r"\n", "", text.replace("\n\t", "\t").replace("\n ", " ")) if "\tat" in text else text,
    "as in JSON": _in_json,
    "as in JSON in JSON": lambda text: _in_json(_in_json(text)),
    "as in JSON for web pages": lambda text: (
        _in_json(text).replace("<", "\\u003c").replace(">", "\\u003e").replace("'", "\\u0027").replace("/", "\\/")
    ),
    "as syslog writes": lambda text: text.replace("\n", "#012").replace("\t", "#011"),
    "line separators": lambda text: text.replace("\n", "\N{LINE SEPARATOR}"),
    "lines of docker": _of_docker,
    "lines of a container runtime": _of_kubelet,
    "lines of compose": _each_line("ledger-1  | "),
    "lines of a logger": _each_line("2026-03-10 08:00:01,{} ERROR [worker-3] c.a.pay.Gateway - "),
    "trimmed lines": lambda text: "\n".join(line.strip() for line in text.split("\n")),
    "trailing line break": lambda text: text + "\n",
    "unix colours": lambda text: "\x1b[31m" + text + "\x1b[0m",
}
"""Ways in which the same fault arrives another time."""


def cuts(text: str) -> list[str]:
    """The trace cut after each number of lines that leaves what tells the fault: at least the frame behind the last cause."""
    lines = text.split("\n")
    told = max(
        (at for at, line in enumerate(lines) if re.match(r"Caused by|\S*Error: |\S*Exception: | ---> |  \[cause\]|panic", line)), default=0
    )
    return ["\n".join(lines[:end]) for end in range(min(told + 3, len(lines)), len(lines))]
