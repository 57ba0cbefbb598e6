/** Which poses the orders of this browser were for: until a picture is there, its pose holds the place. */

const KEY = "posegen.placed";
const KEPT = 20;

export function remembered(generationId, poses, batchSize) {
  const kept = { [generationId]: { names: poses.map(({ id, name, thumbnailUrl }) => ({ id, name, thumbnailUrl })), batchSize } };
  const recent = Object.entries(read()).slice(-KEPT + 1);
  localStorage.setItem(KEY, JSON.stringify({ ...Object.fromEntries(recent), ...kept }));
}

/** The pose of the picture with that number, if this browser placed the order. */
export function poseAt(generationId, index) {
  const order = read()[generationId];
  return order?.names[Math.floor(index / order.batchSize)];
}

const read = () => JSON.parse(localStorage.getItem(KEY)) ?? {};
