"""Calls every method of a protocol through Hadoop's own client, and prints what came back. Not a Spark job: it borrows
Spark's jars and its way to talk to a JVM.

Arguments: the protocol's interface. Requests name an application that nobody has submitted.
"""

import json
import sys

from py4j.protocol import Py4JJavaError
from pyspark.java_gateway import launch_gateway

gateway = launch_gateway()
jvm = gateway.jvm
records = jvm.org.apache.hadoop.yarn.api.records
application = records.ApplicationId.newInstance(1, 1)
attempt = records.ApplicationAttemptId.newInstance(application, 1)
VALUES = {
    "java.lang.String": "nobody",
    "org.apache.hadoop.yarn.api.records.ApplicationId": application,
    "org.apache.hadoop.yarn.api.records.ApplicationAttemptId": attempt,
    "org.apache.hadoop.yarn.api.records.ContainerId": records.ContainerId.newContainerId(attempt, 1),
    "org.apache.hadoop.yarn.api.records.Priority": records.Priority.newInstance(1),
    "org.apache.hadoop.yarn.api.records.SignalContainerCommand": records.SignalContainerCommand.GRACEFUL_SHUTDOWN,
    "org.apache.hadoop.yarn.api.records.Token": records.Token.newInstance(bytearray(4), "kind", bytearray(4), "service"),
}


def filled(kind):
    """A request with a value in every field that it knows how to fill."""
    request = jvm.org.apache.hadoop.yarn.util.Records.newRecord(kind)
    for setter in kind.getMethods():
        types = list(setter.getParameterTypes())
        if setter.getName().startswith("set") and len(types) == 1 and types[0].getName() in VALUES:
            words = gateway.new_array(jvm.java.lang.Object, 1)
            words[0] = VALUES[types[0].getName()]
            setter.setAccessible(True)
            setter.invoke(request, words)
    return request


def call(proxy, method) -> str:
    words = gateway.new_array(jvm.java.lang.Object, method.getParameterCount())
    for place, kind in enumerate(method.getParameterTypes()):
        words[place] = VALUES[kind.getName()] if kind.getName() in VALUES else filled(kind)
    try:
        method.invoke(proxy, words)
        return "answered"
    except Py4JJavaError as error:
        cause = error.java_exception
        while cause.getMessage() is None and cause.getCause() is not None:
            cause = cause.getCause()
        return cause.toString()


protocol = jvm.java.lang.Class.forName(sys.argv[1])
configuration = jvm.org.apache.hadoop.yarn.conf.YarnConfiguration()
proxy = jvm.org.apache.hadoop.yarn.client.ClientRMProxy.createRMProxy(configuration, protocol)
print("ANSWER " + json.dumps({method.getName(): call(proxy, method) for method in protocol.getMethods()}))
