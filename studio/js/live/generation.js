/** What is known of one generation: from the stream while it runs, from the lists once it is over. */

const ENDS = ["completed", "partial", "failed", "cancelled"];

export class Generation {
  status = "pending";
  total = 0;
  completed = 0;
  failed = 0;
  charged = 0;
  refunded = 0;
  readyAt = null;
  error = null;
  items = new Map();
  heard = false;
  row = null;

  constructor(id) {
    this.id = id;
  }

  get over() {
    return ENDS.includes(this.status);
  }

  get percentage() {
    return this.total ? (100 * (this.completed + this.failed)) / this.total : 0;
  }

  get secondsLeft() {
    return this.readyAt === null ? null : Math.max(0, (this.readyAt - Date.now()) / 1000);
  }

  /** A row of the history, or the answer to an order. Of a running one the stream knows more. */
  know(row) {
    this.row = { ...this.row, ...row };
    if (this.heard && !ENDS.includes(row.status)) return;
    this.#take({
      status: row.status,
      total: row.totalExpectedPoses,
      completed: row.posesCompleted,
      failed: row.posesFailed,
      charged: row.creditCharged,
      refunded: row.creditRefunded,
    });
  }

  hear(event) {
    this.heard = true;
    if (event.type === "item") return this.items.set(event.index, { ...this.items.get(event.index), ...event });
    if (event.type === "snapshot") this.#replace(event.items);
    this.#take({
      status: event.currentStatus ?? (event.type === "started" ? "processing" : event.status),
      total: event.total,
      completed: event.completed,
      failed: event.failed,
      charged: event.creditCharged,
      refunded: event.creditRefunded,
      remaining: event.estimatedTimeRemaining,
      error: event.errorCode,
    });
  }

  /** As a snapshot event tells it; another tab that gets it knows the same. */
  get snapshot() {
    return {
      type: "snapshot",
      generationId: this.id,
      status: this.status,
      total: this.total,
      completed: this.completed,
      failed: this.failed,
      creditCharged: this.charged,
      creditRefunded: this.refunded,
      estimatedTimeRemaining: this.secondsLeft,
      errorCode: this.error,
      items: [...this.items.values()],
    };
  }

  #replace(items) {
    const known = this.items;
    this.items = new Map(items.map((item) => [item.index, { ...known.get(item.index), ...item }]));
  }

  /** What is told is known; what is not told stays as it was. */
  #take({ remaining, ...told }) {
    for (const [name, value] of Object.entries(told)) if (value !== undefined) this[name] = value;
    if (remaining !== undefined) this.readyAt = remaining === null ? null : Date.now() + remaining * 1000;
  }
}
