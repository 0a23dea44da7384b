import Files
import Foundation
import TestSupport
import Testing

/// What happens to a run when the world does not play along.
@Suite(.serialized) struct RobustnessTests {
  private let scene: Scene
  private var run: String { scene.folder["new"] }

  init() throws { scene = try Scene() }

  private func training(_ run: String, epochs: Int, _ options: [String] = []) -> [String] {
    [
      "train", "vae", "--dataset", scene.data, "--out", run, "--latent", "2", "--epochs",
      "\(epochs)", "--batch", "20", "--device", "cpu",
    ] + options
  }

  private func wait(for path: String) -> Bool {
    let deadline = Date().addingTimeInterval(60)
    while access(path, F_OK) != 0 {
      if Date() > deadline { return false }
      Thread.sleep(forTimeInterval: 0.002)
    }
    return true
  }

  /// Whether two runs hold the same, but for the times.
  private func expectSame(
    _ first: String, _ second: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let names = [
      "weights.safetensors", "checkpoint.safetensors", "statistics.safetensors", "steps.csv",
    ]
    for name in names {
      #expect(
        try readFile("\(first)/\(name)") == readFile("\(second)/\(name)"), "\(name)",
        sourceLocation: sourceLocation)
    }
  }

  // MARK: Stopping

  @Test(arguments: [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGKILL])
  func stoppedInTheMiddleOfAnEpoch(_ signal: Int32) throws {
    var ignored = sigaction()
    sigaction(signal, nil, &ignored)
    // Under nohup the tool inherits that.
    guard signal != SIGHUP || ignored.__sigaction_handler.sa_handler == nil else { return }
    let whole = scene.folder["whole"]
    #expect(try digitalis(training(whole, epochs: 2)).status == 0)
    let command = try Command(training(run, epochs: 2, ["--checkpoint-minutes", "0"]))
    try #require(wait(for: "\(run)/config.json"))
    kill(command.process.processIdentifier, signal)
    let outcome = command.wait()
    let finished = outcome.status == 0 && !outcome.wasKilled
    if signal != SIGKILL && !finished {
      #expect(
        outcome.status == 130 && outcome.output.contains("continue with: digitalis train vae"))
    }
    let resumed = try digitalis("train", "vae", "--resume", "--out", run, "--device", "cpu")
    #expect(resumed.status == 0, "\(resumed.errors)")
    try expectSame(whole, run)
  }

  /// `digitalis train … | head`: training ends, and keeps what it has.
  @Test func aReaderThatCloses() throws {
    let outcome = try Command(
      training(run, epochs: 90_000),
      // Device, run, and the first epoch.
      wrapper: ["bash", "-o", "pipefail", "-c", "\"$@\" | head -n 3", "bash"]
    ).wait()
    #expect(outcome.status == 130 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.split(separator: "\n").count == 3)
    let sample = try digitalis("sample", "--run", run, "--out", scene.picture, "--device", "cpu")
    #expect(sample.status == 0, "\(sample.errors)")
  }

  // MARK: Two at once

  @Test func twoProcessesOnOneRun() throws {
    let first = try Command(training(run, epochs: 90_000))
    try #require(first.waitForOutput("\nepoch 1/90000 "))
    let process = first.process.processIdentifier
    let texts = [run, "in use by another digitalis", "process \(process)", "wait for it"]
    try expectFailure("train", "vae", "--resume", "--out", run, "--device", "cpu", saying: texts)
    try expectFailure("train", "classifier", "--run", run, "--device", "cpu", saying: texts)
    try expectFailure("search", "simple", "--run", run, "--device", "cpu", saying: texts)
    try expectFailure("fit", "gaussian", "--run", run, "--device", "cpu", saying: texts)
    // Who only reads may: each file is whole.
    #expect(
      try digitalis("sample", "--run", run, "--out", scene.picture, "--device", "cpu").status == 0)

    // The lock of a process that is gone is none, and what it half wrote goes away.
    kill(process, SIGKILL)
    #expect(first.wait().wasKilled)
    let leftover = "\(run)/.digitalis-\(process)-1.tmp"
    try writeAtomically("half", to: leftover)
    let epochs = String(decoding: try readFile("\(run)/metrics.csv"), as: UTF8.self)
      .split(separator: "\n").count
    let config = "\(run)/config.json"
    let text = String(decoding: try readFile(config), as: UTF8.self)
    try writeAtomically(text.replacingOccurrences(of: "90000", with: "\(epochs)"), to: config)
    let resumed = try digitalis("train", "vae", "--resume", "--out", run, "--device", "cpu")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(access(leftover, F_OK) != 0)
  }

  // MARK: Folders

  @Test func aFolderThatVanishes() throws {
    let command = try Command(training(run, epochs: 90_000))
    try #require(command.waitForOutput("\nepoch 1/90000 "))
    // Between two writes: an epoch writes several files.
    while (try? FileManager.default.removeItem(atPath: run)) == nil {}
    expectOneLine(command.wait(), [run, "there is no folder"])
  }

  @Test(.enabled(if: BadInputTests.canMount, "this system lets nobody mount"))
  func aReadOnlyFolder() throws {
    let mount =
      "mount --bind '\(scene.run)' '\(scene.run)' && mount -o remount,ro,bind '\(scene.run)' "
      + "&& exec \"$@\""
    try scene.expectUnchanged {
      for command in [
        ["train", "vae", "--resume", "--epochs", "2", "--out", scene.run],
        ["train", "classifier", "--on", "real", "--epochs", "1", "--run", scene.run],
      ] {
        let outcome = try Command(
          command + ["--device", "cpu"], wrapper: BadInputTests.namespace + [mount, "sh"]
        ).wait()
        expectOneLine(outcome, [scene.run, "Read-only file system"])
      }
    }
  }

  /// A device in place of a file is written to, not replaced.
  @Test func devicesStayDevices() throws {
    let sample = ["sample", "--run", scene.run, "--device", "cpu", "--out"]
    expectOneLine(
      try digitalis(sample + ["/dev/full"]), ["/dev/full", "No space left on device"])
    #expect(try digitalis(sample + ["/dev/null"]).status == 0)
    for path in ["/dev/full", "/dev/null"] {
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR, "\(path)")
    }
  }

  // MARK: Surroundings

  /// Compiles C as a shared library.
  private func library(_ source: String) throws -> String {
    let path = scene.folder["library.so"]
    try writeAtomically(source, to: scene.folder["library.c"])
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["clang", "-shared", "-fPIC", "-o", path, scene.folder["library.c"]]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    return path
  }

  /// A clock of the wall that is set back by a day each time that it is read.
  @Test func aClockThatGoesBack() throws {
    let clock = try library(
      """
      #define _GNU_SOURCE
      #include <sys/syscall.h>
      #include <sys/time.h>
      #include <time.h>
      #include <unistd.h>
      static long days;
      int clock_gettime(clockid_t clock, struct timespec *t) {
        int status = (int)syscall(SYS_clock_gettime, clock, t);
        if (clock == CLOCK_REALTIME) t->tv_sec -= 86400 * ++days;
        return status;
      }
      int gettimeofday(struct timeval *t, void *zone) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        t->tv_sec = now.tv_sec;
        t->tv_usec = now.tv_nsec / 1000;
        return 0;
      }
      time_t time(time_t *t) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (t) *t = now.tv_sec;
        return now.tv_sec;
      }
      """)
    let whole = scene.folder["whole"]
    #expect(try digitalis(training(whole, epochs: 2)).status == 0)
    let outcome = try Command(
      training(run, epochs: 2, ["--checkpoint-minutes", "0.0001"]),
      environment: ["LD_PRELOAD": clock]
    ).wait()
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    try expectSame(whole, run)
  }

  /// A driver that ends whoever loads it, as some do where they lack something.
  @Test func aDriverThatCrashes() throws {
    let library = try library(
      """
      #include <stdio.h>
      #include <stdlib.h>
      __attribute__((constructor)) static void begin(void) {
        fputs("no such bus\\n", stderr);
        abort();
      }
      """)
    try makeFolder(scene.folder["vendors"])
    try writeAtomically("\(library)\n", to: scene.folder["vendors/crash.icd"])
    let drivers = ["OCL_ICD_VENDORS": scene.folder["vendors"]]

    let crash = "an OpenCL driver crashed (Aborted), having said: no such bus"
    let sample = ["sample", "--out", scene.picture, "--device"]
    let automatic = try Command(sample + ["auto"], environment: drivers).wait()
    #expect(automatic.status == 0 && automatic.output.contains("(no GPU passed; \(crash))"))
    let cpu = try Command(sample + ["cpu"], environment: drivers).wait()
    #expect(cpu.status == 0 && cpu.errors.isEmpty && cpu.output.contains("(asked for)"))
    expectOneLine(
      try Command(sample + ["opencl"], environment: drivers).wait(),
      ["no device fits --device opencl", crash, "this machine has cpu"])
    let list = try digitalis("devices", environment: drivers)
    #expect(list.status == 0 && list.output.contains("note: \(crash)"))
  }

  /// Where commas divide decimals, where there is no home, and in a folder with a name like any other.
  @Test func surroundingsChangeNothing() throws {
    let run = scene.folder["Läufe (π) mit Leerraum/ein Lauf"]
    let outcome = try Command(
      [
        "train", "vae", "--dataset", try Fixture.shared().data, "--out", run, "--latent", "2",
        "--epochs", "1", "--batch", "100", "--device", "cpu",
      ], wrapper: ["-u", "HOME", "-u", "XDG_CACHE_HOME"],
      environment: [
        "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8",
      ]
    ).wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("saved in \(run)"))
    try expectSame(scene.run, run)
    let sample = try Command(
      ["sample", "--run", run, "--out", "\(run)/Bild.png", "--device", "cpu"],
      wrapper: ["-u", "HOME"]
    ).wait()
    #expect(sample.status == 0, "\(sample.errors)")
  }

  @Test func noHomeAndNoData() throws {
    let outcome = try Command(
      ["train", "vae", "--out", run, "--device", "cpu"], wrapper: ["-u", "HOME"],
      environment: ["XDG_CACHE_HOME": scene.folder["cache"]]
    ).wait()
    expectOneLine(outcome, ["cache/digitalis/mnist", "digitalis data fetch mnist"])
  }
}
