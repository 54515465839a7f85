/** What jsdom lacks of a browser: canvases that record, observers that tests drive. */
import { disableAutoUnmount, enableAutoUnmount } from "@vue/test-utils";
import { afterEach, beforeEach, vi } from "vitest";

export interface Drawing {
  /** Names of the context's methods in the order of their calls. */
  readonly calls: string[];
  readonly fills: string[];
}

const drawings = new WeakMap<HTMLCanvasElement, Drawing>();

export function drawingOf(canvas: Element): Drawing {
  const drawing = drawings.get(canvas as HTMLCanvasElement);
  if (drawing === undefined) throw new Error("nothing was drawn on this canvas");
  return drawing;
}

function recordingContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const drawing: Drawing = { calls: [], fills: [] };
  drawings.set(canvas, drawing);
  const state: Record<string | symbol, unknown> = { canvas };
  const methods = new Map<string | symbol, unknown>();
  return new Proxy(state, {
    get(target, name) {
      if (name in target) return target[name];
      if (!methods.has(name)) {
        methods.set(name, () => {
          drawing.calls.push(String(name));
          if (name === "fill") drawing.fills.push(String(target["fillStyle"]));
          return name === "measureText" ? { width: 30 } : undefined;
        });
      }
      return methods.get(name);
    },
    set(target, name, value) {
      target[name] = value;
      return true;
    },
  }) as unknown as CanvasRenderingContext2D;
}

const contexts = new WeakMap<HTMLCanvasElement, CanvasRenderingContext2D>();

HTMLCanvasElement.prototype.getContext = function getContext(this: HTMLCanvasElement) {
  let context = contexts.get(this);
  if (context === undefined) {
    context = recordingContext(this);
    contexts.set(this, context);
  }
  return context;
} as unknown as HTMLCanvasElement["getContext"];

/** Everything is as large as a small chart: without a size nothing is drawn. */
const BOX = { x: 0, y: 0, top: 0, left: 0, right: 400, bottom: 200, width: 400, height: 200 };
Element.prototype.getBoundingClientRect = () => ({ ...BOX, toJSON: () => BOX });
window.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;

// jsdom's own frames stand on one interval, and stand still for good once that began as a fake one.
const FRAME_MS = 16;
const { setTimeout: begin, clearTimeout: end } = globalThis;
const frames = new Map<number, ReturnType<typeof setTimeout>>();
let lastFrame = 0;
window.requestAnimationFrame = (draw) => {
  const frame = ++lastFrame;
  frames.set(
    frame,
    begin(() => {
      frames.delete(frame);
      draw(performance.now());
    }, FRAME_MS),
  );
  return frame;
};
window.cancelAnimationFrame = (frame) => {
  end(frames.get(frame));
  frames.delete(frame);
};

type Seen = (entries: { isIntersecting: boolean }[]) => void;
const watching = new Set<Seen>();

/** Bring everything into view, or out of it. */
export function setInView(isIntersecting: boolean): void {
  for (const seen of watching) seen([{ isIntersecting }]);
}

class FakeIntersectionObserver {
  readonly #seen: Seen;

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  observe(): void {
    watching.add(this.#seen);
  }

  unobserve(): void {
    watching.delete(this.#seen);
  }

  disconnect(): void {
    watching.delete(this.#seen);
  }
}

class FakeResizeObserver {
  observe(): void {
    return;
  }

  unobserve(): void {
    return;
  }

  disconnect(): void {
    return;
  }
}

export interface FakeMedia {
  matches: boolean;
  change: (matches: boolean) => void;
}

/** The system's wish for dark colours; `change` tells the page of another one. */
export const darkMedia: FakeMedia = { matches: false, change: () => undefined };

beforeEach(() => {
  let listener: (event: { matches: boolean }) => void = () => undefined;
  darkMedia.matches = false;
  darkMedia.change = (matches) => {
    darkMedia.matches = matches;
    listener({ matches });
  };
  vi.stubGlobal("IntersectionObserver", FakeIntersectionObserver);
  vi.stubGlobal("ResizeObserver", FakeResizeObserver);
  vi.stubGlobal("matchMedia", () => ({
    matches: darkMedia.matches,
    addEventListener: (_type: string, next: typeof listener) => {
      listener = next;
    },
    removeEventListener: () => undefined,
  }));
  localStorage.clear();
});

// All files share one document and one set of modules (vitest.config.ts), which loads the page's
// parts once instead of once a file: no test leaves anything of its page to the next one.
afterEach(() => {
  vi.useRealTimers();
  watching.clear();
  document.body.innerHTML = "";
  setHidden(false);
});
// Hooks run backwards: this one before the one above, which takes away what parts stand on.
disableAutoUnmount();
enableAutoUnmount(afterEach);

/** Pretend that the page was hidden, or brought to the front. */
export function setHidden(hidden: boolean): void {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}
