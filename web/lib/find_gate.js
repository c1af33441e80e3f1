/** A command that brings the gate that waits into view, in whatever subgraph it is. */

import { app, graphsTo, nodeOf, toast } from "./comfy.js";
import { gates } from "./gates.js";
import { guarded } from "./guard.js";

export const showGateCommand = {
  id: "Datasete.ShowWaitingGate",
  label: "Show the gate that waits",
  icon: "pi pi-eye",
  function: guarded("show gate", showWaitingGate),
};

let next = 0;

async function showWaitingGate() {
  await gates.refresh();
  const waiting = gates.all().filter((gate) => {
    const node = nodeOf(gate.id);
    return node && gates.at(node)[0] === gate;
  });
  if (!waiting.length) {
    toast("info", gates.all().length ? "The gate that waits belongs to another workflow" : "No gate waits");
    return;
  }
  const gate = waiting[next++ % waiting.length];
  const node = nodeOf(gate.id);
  const graph = graphsTo(gate.id).pop();
  if (graph && app.canvas.graph !== graph) app.canvas.setGraph(graph);
  if (node) {
    app.canvas.selectNode?.(node);
    if (app.canvas.fitViewToSelectionAnimated) app.canvas.fitViewToSelectionAnimated();
    else app.canvas.centerOnNode?.(node);
  }
}
