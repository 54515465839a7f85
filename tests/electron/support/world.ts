import type { World } from "../../../electron/src/sidecar/life";
import type { SidecarState } from "../../../electron/src/sidecar/state";
import { type Parts, Supervisor } from "../../../electron/src/sidecar/supervisor";
import { FakeChild } from "./fake-child";
import { FakeClock } from "./fake-clock";

/** A supervisor among children that do what the test says. */
export class SupervisedWorld {
  readonly clock = new FakeClock();
  readonly children: FakeChild[] = [];
  readonly killed: number[] = [];
  readonly states: SidecarState[] = [];
  readonly logged: string[] = [];
  readonly supervisor: Supervisor;
  /** What the next question for the instance is answered with. */
  isRight = true;
  isProgram = true;
  hasPid = true;
  /** What the system says against starting the program at all. */
  refusal: Error | null = null;
  keepModels = false;

  constructor(more: Partial<Parts> = {}) {
    const world: World = {
      clock: this.clock,
      platform: "linux",
      spawn: (program, argv, options) => {
        if (this.refusal !== null) throw this.refusal;
        const pid = this.hasPid ? 100 + this.children.length : undefined;
        const child = new FakeChild(pid, program, argv, options);
        this.children.push(child);
        return child.asProcess();
      },
      killTree: (pid) => {
        this.killed.push(pid);
      },
    };
    this.supervisor = new Supervisor({
      world,
      plan: () => ({
        program: "/opt/sidecar",
        cwd: "/home/someone",
        env: { LANG: "C" },
        dataDir: null,
        keepModels: this.keepModels,
      }),
      isProgram: () => this.isProgram,
      isInstance: () => Promise.resolve(this.isRight),
      random: () => 0.5,
      parentPid: 7,
      firstPort: 8585,
      isPortFixed: false,
      changed: (state) => this.states.push(state),
      logged: (line) => this.logged.push(line),
      ...more,
    });
  }

  /** The child started last. */
  get child(): FakeChild {
    const last = this.children.at(-1);
    if (last === undefined) throw new Error("nothing was started");
    return last;
  }

  get state(): SidecarState {
    return this.supervisor.state;
  }
}
