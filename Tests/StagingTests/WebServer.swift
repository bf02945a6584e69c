import Glibc
import TestSupport
import Testing

@testable import Staging

/// nginx on loopback with a certificate of an authority of its own: HTTP/2 over TLS, HTTP/1.1 over TLS, and plain.
final class WebServer: Sendable {
    private static let programs = ["/usr/sbin/nginx", "/usr/bin/openssl"]

    let folder: TestFolder
    let securePort: Int
    let oldSecurePort: Int
    let plainPort: Int
    private let process: ChildProgram

    /// The authority that signed the server's certificate, and one that did not.
    var authority: String { "\(self.folder.path)/ca.pem" }
    var otherAuthority: String { "\(self.folder.path)/other.pem" }

    /// What was asked, a line each: protocol, method, path, status, connection, range.
    func seen() throws -> [String] {
        String(decoding: try self.folder.read("seen"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// - Parameter names: what the certificate is for, such as `DNS:localhost`.
    init(names: String = "DNS:localhost,IP:127.0.0.1") async throws {
        let missing = Self.programs.filter { unsafe access($0, X_OK) != 0 }
        try #require(missing.isEmpty, "install Debian's packages nginx-light and openssl: there is no \(missing)")
        self.folder = try TestFolder()
        let path = self.folder.path
        try await Self.makeCertificates(path, names)
        // Below the ports that the system gives away by itself; another program may still have one of them.
        for _ in 0..<20 {
            let first = Int.random(in: 10_000..<30_000)
            let ports = Array(first..<first + 3)
            try self.folder.write("conf", Array(Self.configuration(path, ports).utf8))
            let process = try ChildProgram(
                "/usr/sbin/nginx",
                ["-p", path, "-c", "\(path)/conf", "-e", "\(path)/errors"]
            )
            let folder = self.folder
            try await eventually("nginx runs") { !process.isRunning || folder.status("pid") != nil }
            guard process.isRunning else { continue }
            (self.securePort, self.oldSecurePort, self.plainPort) = (ports[0], ports[1], ports[2])
            self.process = process
            return
        }
        let said = (try? self.folder.read("errors")) ?? []
        throw TimedOut(description: "nginx does not start: \(String(decoding: said, as: UTF8.self))")
    }

    private static func makeCertificates(_ path: String, _ names: String) async throws {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        let script = """
            cd \(path)
            for name in ca other; do
                openssl req -x509 \(key) -keyout $name.key -out $name.pem -days 2 -subj "/CN=authority $name"
            done
            openssl req \(key) -keyout server.key -out server.csr -subj "/CN=server"
            echo "subjectAltName=\(names)" >names
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
                -out server.pem
            mkdir root root/readonly body
            """
        try #require(await ChildProgram("/bin/sh", ["-ec", script]).end() == 0)
    }

    private static func configuration(_ path: String, _ ports: [Int]) -> String {
        func server(_ listen: String) -> String {
            """
            server {
                listen 127.0.0.1:\(listen);
                ssl_certificate \(path)/server.pem;
                ssl_certificate_key \(path)/server.key;
                root \(path)/root;
                dav_methods PUT DELETE;
                location /webhdfs/v1/ {
                    default_type application/json;
                    if ($arg_op = GETFILESTATUS) {
                        return 200 '{"FileStatus":{"type":"FILE","length":3145728,"modificationTime":5,"permission":"644"}}';
                    }
                    if ($arg_op = OPEN) { return 307 https://127.0.0.1:\(ports[1])/file; }
                    if ($arg_op = CREATE) { return 307 https://127.0.0.1:\(ports[1])/created; }
                }
                location /readonly/ { limit_except GET { deny all; } }
            }
            """
        }
        return """
            daemon off;
            master_process off;
            pid \(path)/pid;
            events { }
            http {
                log_format seen '$server_protocol $request_method $uri $status $connection $http_range';
                access_log \(path)/seen seen;
                client_body_temp_path \(path)/body;
                proxy_temp_path \(path)/body;
                fastcgi_temp_path \(path)/body;
                uwsgi_temp_path \(path)/body;
                scgi_temp_path \(path)/body;
                client_max_body_size 0;
                \(server("\(ports[0]) ssl http2"))
                \(server("\(ports[1]) ssl"))
                \(server("\(ports[2])"))
            }
            """
    }

    /// Ends nginx; its folder goes with this value.
    func stop() async { await self.process.kill() }

    func location(_ path: String, host: String = "127.0.0.1", port: Int? = nil) -> ResourceLocation {
        ResourceLocation(scheme: "https", host: host, port: port ?? self.securePort, path: path)
    }
}
