/** Two soft notes, made on the spot: no file to fetch, nothing to licence. */

const NOTES = [659.25, 987.77]; // E5, B5
const LENGTH = 0.5; // seconds
const LOUDNESS = 0.12;
const PATIENCE = 500; // milliseconds: a browser plays nothing before somebody has touched the page

/** @type {AudioContext | undefined} */
let context;

export async function chime() {
  context ??= new AudioContext();
  if (context.state !== "running") await Promise.race([context.resume(), new Promise((done) => setTimeout(done, PATIENCE))]);
  if (context.state !== "running") return;
  for (const [index, pitch] of NOTES.entries()) note(context, pitch, context.currentTime + 0.14 * index);
}

/** @param {AudioContext} audio @param {number} pitch in Hz @param {number} start */
function note(audio, pitch, start) {
  const tone = new OscillatorNode(audio, { type: "sine", frequency: pitch });
  const loudness = new GainNode(audio, { gain: 0 });
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0001, start + LENGTH);
  tone.connect(loudness).connect(audio.destination);
  tone.start(start);
  tone.stop(start + LENGTH);
}
