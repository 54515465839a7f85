/** A list that is shown as rows: change, remove and add, and where the keyboard goes then. */
import { nextTick } from "vue";

import type { Path } from "../../stores/document";
import { fieldId } from "./fieldPlace";

export interface RowSource<Row> {
  /** What is on the screen now. */
  readonly rows: () => readonly Row[];
  /** Take over what is to be on the screen from now on. */
  readonly put: (rows: readonly Row[]) => void;
  /** Place of the whole list; the button that adds a row has its id. */
  readonly path: () => Path;
}

export interface RowList<Row> {
  change: (index: number, row: Row) => void;
  /** The row that takes its place gets the focus; without one the button that adds. */
  remove: (index: number) => void;
  /** The new row gets the focus. */
  add: (row: Row) => void;
}

/** Id of what gets the focus in a row. */
export function rowId(path: Path, index: number): string {
  return fieldId([...path, index]);
}

export function rowList<Row>({ rows, put, path }: RowSource<Row>): RowList<Row> {
  function focus(index: number): void {
    const id = index < 0 ? fieldId(path()) : rowId(path(), index);
    void nextTick(() => {
      document.getElementById(id)?.focus();
    });
  }

  return {
    change(index, row) {
      put(rows().map((before, at) => (at === index ? row : before)));
    },
    remove(index) {
      const left = rows().filter((_, at) => at !== index);
      put(left);
      focus(Math.min(index, left.length - 1));
    },
    add(row) {
      const all = [...rows(), row];
      put(all);
      focus(all.length - 1);
    },
  };
}
