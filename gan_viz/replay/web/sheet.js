// Small pictures in rows, as pixels.

const APART = 0.08; // between pictures, relative to one

/** Small pictures as pixels: one frame of a stack, arranged in rows. */
export class Sheet {
  constructor({ size, colors, images }) {
    const [wide, tall] = size;
    Object.assign(this, { wide, tall, colors, images });
    this.gap = Math.max(1, Math.round(APART * Math.min(wide, tall)));
    this.canvas = document.createElement("canvas");
  }

  /** Put pictures, each [row of the stack, number in it, column, row], on a canvas. */
  arranged(places, columns, rows, background) {
    const { wide, tall, gap, canvas } = this;
    canvas.width = columns * (wide + gap) - gap;
    canvas.height = rows * (tall + gap) - gap;
    const ctx = canvas.getContext("2d");
    ctx.fillStyle = background;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    for (const [images, row, number, column, line] of places) {
      ctx.putImageData(
        this.#picture(images, row, number),
        column * (wide + gap),
        line * (tall + gap),
      );
    }
    return canvas;
  }

  #picture(images, row, number) {
    const { wide, tall, colors } = this;
    const pixels = new ImageData(wide, tall);
    const count = wide * tall;
    const start = row * images.width + number * count * colors;
    for (let i = 0; i < count; i += 1) {
      const from = start + i * colors;
      for (let c = 0; c < 3; c += 1)
        pixels.data[4 * i + c] = images.data[from + (colors === 3 ? c : 0)];
      pixels.data[4 * i + 3] = 255;
    }
    return pixels;
  }
}

/** Draw a canvas as large as fits, its pixels as squares where they are enlarged. */
export function enlarged(ctx, canvas, box) {
  const room = Math.min(
    (box.right - box.left) / canvas.width,
    (box.bottom - box.top) / canvas.height,
  );
  const factor = room > 1 ? Math.max(1, Math.floor(room * 8) / 8) : room;
  const [width, height] = [canvas.width * factor, canvas.height * factor];
  const left = box.left + (box.right - box.left - width) / 2;
  ctx.imageSmoothingEnabled = factor < 1;
  ctx.drawImage(canvas, left, box.top, width, height);
  return {
    left,
    top: box.top,
    right: left + width,
    bottom: box.top + height,
    factor,
  };
}
