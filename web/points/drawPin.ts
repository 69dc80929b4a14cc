/** A pin with a bolt, drawn at `ratio` device pixels to a pixel; 34 by 42. */
export function drawPin(fill: string, sign: string, edge: string, ratio: number): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = 34 * ratio;
  canvas.height = 42 * ratio;
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  pen.scale(ratio, ratio);
  pen.fillStyle = fill;
  pen.strokeStyle = edge;
  pen.lineWidth = 2.5;
  pen.fill(pinOutline);
  pen.stroke(pinOutline);
  pen.fillStyle = sign;
  pen.fill(bolt);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

const pinOutline = new Path2D(
  'M17 2C8.7 2 2 8.7 2 17c0 9.6 10.4 17.4 15 23 4.6-5.6 15-13.4 15-23C32 8.7 25.3 2 17 2Z',
);
const bolt = new Path2D('M18.5 7.5 10.5 19h5.2l-1.2 8 8-11.5h-5.2l1.2-8Z');
