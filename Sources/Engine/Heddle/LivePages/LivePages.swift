internal import ClusterModel
internal import EngineCore
internal import HadoopHTTP

/// An application's pages: its jobs, a job's stages, all stages, executors. Links are relative, so that they work behind the
/// ResourceManager's proxy too.
struct LivePages {
    let status: LiveStatus

    /// - Parameters:
    ///   - path: the parts of the path.
    ///   - isFolder: whether the path ends with a slash.
    /// - Returns: nil where there is no such page.
    func page(_ path: [String], isFolder: Bool) -> HTMLPage? {
        // From `/jobs/` one step up to the start, from `/jobs` none.
        let steps = max(0, path.count - (isFolder ? 0 : 1))
        let root = steps == 0 ? "./" : String(repeating: "../", count: steps)
        switch (path.first, path.count) {
        case (nil, _), ("jobs", 1): return self.jobs(root)
        case ("jobs", 2):
            let job = Int(path[1]).flatMap { number in self.status.jobs.first { $0.id.number == number } }
            return job.map { self.job($0, root) }
        case ("stages", 1): return self.page("Stages", self.table(self.status.stages.reversed()), root)
        case ("executors", 1): return self.page("Executors", self.executors, root)
        default: return nil
        }
    }

    private func page(_ title: String, _ body: HTMLText, _ root: String) -> HTMLPage {
        let links = [
            HTMLPage.Link("Jobs", "\(root)jobs/"), HTMLPage.Link("Stages", "\(root)stages/"),
            HTMLPage.Link("Executors", "\(root)executors/"),
        ]
        return HTMLPage(title: "\(self.status.application.name): \(title)", navigation: links, body: body)
    }

    private func figures(_ figures: [(String, String)]) -> HTMLText {
        let parts = figures.map { name, value -> HTMLText in "<div><dt>\(name)</dt><dd>\(value)</dd></div>\n" }
        return "<dl class=\"figures\">\n\(HTMLText.joined(parts))</dl>\n"
    }

    private func jobs(_ root: String) -> HTMLPage {
        let alive = self.status.executors.filter { $0.removedAt == nil }
        let figures = self.figures([
            ("Application", self.status.application.id), ("User", self.status.application.user),
            ("Up", Self.time(self.status.now - self.status.startedAt)),
            ("Executors", "\(alive.count)"), ("Cores", "\(alive.reduce(0) { $0 + $1.description.cores })"),
            ("Jobs that run", "\(self.status.jobs.count { $0.result == nil })"),
        ])
        let rows = self.status.jobs.reversed().map { job -> [HTMLText] in
            [
                "<a href=\"\(root)jobs/\(job.id.number)\">\(job.id.number)</a>", "\(job.name)", "\(job.statusName)",
                "\(self.duration(job.submittedAt, job.completedAt))",
                "\(job.completedStages + job.skippedStages)/\(job.stages.count)",
                self.progress(job.tasks, job.skippedTasks),
            ]
        }
        let columns = ["Job", "What it does", "Status", "Takes", "Stages", "Tasks"]
        return self.page("Jobs", figures + HTMLTable(columns: columns, rows: rows).render(ifEmpty: "No job yet."), root)
    }

    private func job(_ job: JobView, _ root: String) -> HTMLPage {
        var body = self.figures([
            ("Status", job.statusName), ("Takes", self.duration(job.submittedAt, job.completedAt)),
            ("Pool", job.pool), ("Group", job.group ?? "none"),
        ])
        if case .failed(let failure)? = job.result { body += "<pre>\(failure.text)</pre>\n" }
        return self.page("Job \(job.id.number)", body + self.table(self.status.stages(of: job)), root)
    }

    private func table(_ stages: [StageView]) -> HTMLText {
        let rows = stages.map { stage -> [HTMLText] in
            [
                "\(stage.report.stage.number)", "\(stage.report.name)", "\(stage.statusName)",
                "\(stage.report.submittedAt.map { self.duration($0, stage.report.completedAt) } ?? "")",
                self.progress(stage.counts, 0), "\(stage.failureText ?? "")",
            ]
        }
        return HTMLTable(columns: ["Stage", "What it does", "Status", "Takes", "Tasks", ""], rows: rows)
            .render(ifEmpty: "No stage yet.")
    }

    private var executors: HTMLText {
        let rows = self.status.executors.map { executor -> [HTMLText] in
            [
                "\(executor.description.id)", "\(executor.description.host)",
                "\(executor.removedAt == nil ? executor.isExcluded ? "excluded" : "active" : "gone")",
                "\(executor.description.cores)", "\(executor.activeTasks)", "\(executor.completedTasks)",
                "\(executor.failedTasks)", "\(executor.keptBlocks)",
                "\(self.duration(executor.addedAt, executor.removedAt))",
            ]
        }
        let columns = ["Executor", "Host", "Status", "Cores", "Runs", "Done", "Failed", "Keeps", "Lives"]
        return HTMLTable(columns: columns, rows: rows).render(ifEmpty: "No executor yet.")
    }

    private func progress(_ counts: StageCounts, _ skipped: Int) -> HTMLText {
        let done = counts.completed + skipped
        let failed: HTMLText = counts.failed > 0 ? ", \(counts.failed) failed" : ""
        let running: HTMLText = counts.active > 0 ? ", \(counts.active) running" : ""
        return """
            <progress max="\(max(1, counts.total))" value="\(min(done, counts.total))"></progress> \
            \(done)/\(counts.total)\(running)\(failed)
            """
    }

    private func duration(_ start: Timestamp, _ end: Timestamp?) -> String {
        Self.time((end.map { self.status.calendar($0) } ?? self.status.now) - self.status.calendar(start))
    }

    private static func time(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        switch seconds {
        case ..<10: return "\(milliseconds) ms"
        case ..<120: return "\(seconds) s"
        case ..<7_200: return "\(seconds / 60) min"
        default: return "\(seconds / 3_600) h"
        }
    }
}
