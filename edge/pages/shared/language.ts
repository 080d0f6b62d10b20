/// <reference lib="dom" />
/**
 * The language of a page. Each page has a table of texts for each language with the
 * same keys; a text may have places for values: `{name}`.
 *
 * @module
 */

/** The languages of the pages. */
export const LANGUAGES = ["en", "zh"] as const;

/** A language of the pages; `zh` is Chinese in simplified characters. */
export type Language = typeof LANGUAGES[number];

/** The tag of each language (BCP 47), for `lang` and for `Intl`. */
export const LANGUAGE_TAGS: Readonly<Record<Language, string>> = {
  en: "en",
  zh: "zh-Hans",
};

/** The name of each language in that language. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  zh: "中文",
};

/** Texts of each language, by the same keys. */
export type Texts<K extends string> = Readonly<
  Record<Language, Readonly<Record<K, string>>>
>;

/** Gives the text of a key, with values in its places. */
export type Translate<K extends string> = (
  key: K,
  values?: Readonly<Record<string, string | number>>,
) => string;

/** Makes the function that translates a page into a language. */
export function translator<K extends string>(
  texts: Texts<K>,
  language: Language,
): Translate<K> {
  return (key, values = {}) =>
    texts[language][key].replaceAll(
      /\{(\w+)\}/g,
      (place, name) => String(values[name] ?? place),
    );
}

/** The item of `localStorage` with the chosen language, which is not secret. */
const KEY = "offcode.language";

/**
 * The language that was chosen, or else the first language of the browser that the
 * pages have.
 */
export function currentLanguage(): Language {
  const wanted = [localStorage.getItem(KEY), ...navigator.languages];
  for (const tag of wanted) {
    const found = LANGUAGES.find((it) => tag?.toLowerCase().startsWith(it));
    if (found !== undefined) return found;
  }
  return "en";
}

/** Chooses a language, and marks the page with it for screen readers. */
export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  showLanguage(language);
}

/** Marks the page as written in a language. */
export function showLanguage(language: Language): void {
  document.documentElement.lang = LANGUAGE_TAGS[language];
}
