// What is drawn on a canvas, as an SVG: the part of the canvas's methods that the views use.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text) {
  return [...String(text)].map((letter) => ESCAPES[letter] ?? letter).join("");
}

function short(number) {
  return Number(number.toFixed(2));
}

/** Takes drawing calls like a 2-D context, and gives the picture as text. */
export class SvgSurface {
  constructor(width, height, family) {
    Object.assign(this, {
      width,
      height,
      family,
      parts: [],
      defs: [],
      path: [],
      open: [],
      dash: [],
    });
    Object.assign(this, {
      strokeStyle: "#000",
      fillStyle: "#000",
      lineWidth: 1,
      globalAlpha: 1,
      font: "10px sans-serif",
      textAlign: "left",
      textBaseline: "alphabetic",
      lineJoin: "round",
      lineCap: "round",
      imageSmoothingEnabled: true,
    });
  }

  beginPath() {
    this.path = [];
  }

  moveTo(x, y) {
    this.path.push(`M${short(x)} ${short(y)}`);
  }

  lineTo(x, y) {
    this.path.push(`L${short(x)} ${short(y)}`);
  }

  closePath() {
    this.path.push("Z");
  }

  arc(x, y, radius) {
    const [r, left] = [short(radius), short(x - radius)];
    this.path.push(`M${left} ${short(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`);
  }

  rect(x, y, width, height) {
    this.path.push(`M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`);
  }

  setLineDash(dash) {
    this.dash = dash;
  }

  stroke() {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.map(short).join(" ")}"` : "";
    const look = `fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}" stroke-linecap="${this.lineCap}" stroke-linejoin="${this.lineJoin}"`;
    this.#put(`<path d="${this.path.join("")}" ${look}${dash}${this.#opacity}/>`);
  }

  fill() {
    this.#put(`<path d="${this.path.join("")}" fill="${this.fillStyle}"${this.#opacity}/>`);
  }

  fillRect(x, y, width, height) {
    this.beginPath();
    this.rect(x, y, width, height);
    this.fill();
  }

  strokeRect(x, y, width, height) {
    this.beginPath();
    this.rect(x, y, width, height);
    this.stroke();
  }

  clip() {
    const id = `clip${this.defs.length}`;
    this.defs.push(`<clipPath id="${id}"><path d="${this.path.join("")}"/></clipPath>`);
    this.#put(`<g clip-path="url(#${id})">`);
    this.open[this.open.length - 1] += 1;
  }

  save() {
    this.open.push(0);
  }

  restore() {
    this.#put("</g>".repeat(this.open.pop() ?? 0));
  }

  fillText(text, x, y) {
    const anchor = { left: "start", center: "middle", right: "end" }[this.textAlign];
    const [, bold, size] = /^(600 )?([\d.]+)px/.exec(this.font) ?? [];
    const down = { top: 0.8, middle: 0.35, bottom: -0.2 }[this.textBaseline] ?? 0;
    const look = `font-size="${short(Number(size))}" text-anchor="${anchor}" fill="${this.fillStyle}"${bold ? ' font-weight="600"' : ""}`;
    this.#put(
      `<text x="${short(x)}" y="${short(y + down * size)}" ${look}${this.#opacity}>${escaped(text)}</text>`,
    );
  }

  drawImage(canvas, x, y, width, height) {
    const look = this.imageSmoothingEnabled ? "" : ' image-rendering="pixelated"';
    this.#put(
      `<image preserveAspectRatio="none" x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"${look} href="${canvas.toDataURL()}"/>`,
    );
  }

  get #opacity() {
    return this.globalAlpha < 1 ? ` opacity="${short(this.globalAlpha)}"` : "";
  }

  #put(part) {
    this.parts.push(part);
  }

  /** The whole document. */
  text() {
    const { width, height } = this;
    const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${short(width)}" height="${short(height)}" viewBox="0 0 ${short(width)} ${short(height)}" font-family="${escaped(this.family)}">`;
    return `${open}<defs>${this.defs.join("")}</defs>${this.parts.join("")}</svg>`;
  }
}
