// A canvas knows neither custom properties nor light-dark(): an element that wears the colour tells what it is now.
export function colourOf(name, share = 100) {
  const probe = document.createElement("i");
  probe.style.color = `color-mix(in srgb, var(${name}) ${share}%, transparent)`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
