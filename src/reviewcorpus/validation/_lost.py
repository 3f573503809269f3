"""Characters that were lost to `?`, as in `na?ve`: told from questions that run into the next word.

The crawler wrote in the charset of its machine, and what that lacks became `?`. A question that
has lost the space after it looks the same, so a finding needs evidence: a part of a word that is
none by itself, an ending such as `?s`, a word that is known to have such a letter, a pair of
marks where quotes would stand, or a mark between words of a sentence that states something.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from reviewcorpus.validation._prose import Span, token_around

if TYPE_CHECKING:
    from collections.abc import Iterator

# Words that a question may end in, or that may follow one. Any other piece that is so short, or
# has no vowel, is part of a damaged word. The last line is of other languages than English.
_SHORT_WORDS = frozenset(
    "a i k o r u x y ah ai al am an as at aw be bo by da di do dr du ed eh el et ew ex fx go ha"
    " he hi hm ho id if il im in is it ja je jk jo la ma mi mr my ny no of oh ok on op or ou ow oz"
    " pc pg pm si so st su to tu tv uh uk um un up ur us vs we wo xd ya ye yo zu bbc bff brr btw"
    " cbs cd cgi cnn csi dc dvd fbi ffs ftw hbo hmm mcu mgm mrs mst nbc nvm nyc omg pbs pfft pls"
    " plz ppl psst rly rpg shh smh src tbh tcm thx tnt tsk vcr vfx vhs wtf wwf"
    " ce de em er es eu le lo me ne se te ti um ve là".split()
)
_LONGEST_SHORT = 2  # characters
_DRAWN_OUT = re.compile(r"(.)\1\1")  # hmmm, zzz, grrr
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœ")
_SWEARING = ("f?ck", "sh?t", "b?tch", "d?mn", "c?nt", "d?ck", "a?s", "p?ss")  # omitted letters
_CONTRACTIONS = frozenset("s t m d re ve ll".split())  # what follows an apostrophe
# Words with such letters that reviews of movies have. A word that is another one, or a name,
# without its last letter (passé, touché, René) is not among them.
_KNOWN = (
    "année années après attachés blasé brûlée bête café cafés canapé canapés château châteaux"
    " cliché clichés clichéd cinéma cœur communiqué crème crêpe crêpes croûton débâcle début"
    " débuts décolleté décor décors déjà dénouement deuxième doppelgänger doppelgängers doña"
    " éclair élan émigré émigrés encyclopædia entrée épisode façade façades fête fiancé fiancée"
    " fiancées fiancés forêt fräulein frère führer garçon garçons götterdämmerung habitué"
    " jalapeño jalapeños lycée mañana matinée mädchen mélange mêlée ménage mère même modèle naïf"
    " naïve naïvely naïveté niña niño niños noël œuvre œuvres opéra papier-mâché père piñata"
    " précis première problème prophète protégé protégée protégés purée quinceañera résumé risqué"
    " rôle rôles séance señor señora señores señorita señoritas smörgåsbord soirée soufflé"
    " soupçon straße sœur système thème thèse poème bohème scène mise-en-scène remède hypothèse"
    " théâtre tête-à-tête très übermensch über vérité vis-à-vis voilà adèle almodóvar amélie"
    " anaïs andré angélique åkerman béatrice beyoncé bergström björk björn brontë buñuel céline"
    " césar chávez chloé clément clémence cuarón dalí desirée édith élodie émile émilie étienne"
    " fantômas félix fermín françois françoise frédéric garcía gérard gómez gonzález günther"
    " håkan hélène hernández iñárritu irène jérôme joão jørgen jürgen kieślowski köln lópez märta"
    " martín mélanie méliès michèle misérables müller münchen muñoz núñez nürnberg penélope pérez"
    " pokémon polański rodríguez sánchez schrödinger sébastien skarsgård sjöström søren stéphane"
    " thérèse tomás valérie véronique zürich"
).split()


def _masked(word: str) -> str:
    return "".join(letter if letter.isascii() else "?" for letter in word)


_KNOWN_LOST = frozenset(map(_masked, _KNOWN))

_LETTER = r"[^\W\d_]"
_IN_WORD = rf"(?:{_LETTER}|['’-])"
_MARKED_WORD = re.compile(rf"(?<![?\w'’-]){_IN_WORD}*+(?:\?(?!\?){_IN_WORD}*+)+")
_ADDRESS = re.compile(r"://|www\.|=|\.(?:com|org|net|php|aspx?|html?|jsp|cgi)[/?]", re.IGNORECASE)
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu)['’]", re.IGNORECASE)  # before a vowel: l'?tranger

# Six short words and their marks, where curly quotes, or the marks of Spanish, were.
_QUOTED = re.compile(
    rf"(?:(?<=[\s(])|\A)\?(?P<inside>{_LETTER}[^?\n]{{0,40}}[^\W_])\?(?=[\s.,;:!)]|\Z)"
)
_MOST_QUOTED = 6  # words
# What is hardly written without a sign before it, of a currency or an apostrophe, or without a
# half after it.
_SIGNED = re.compile(
    r"(?<=[a-z] )\?[0-9][0-9.,]{0,15} ?(?:m|k|bn|million|billion)\b"
    r"|(?<=[a-z] )\?(?:[0-9]0s|n\?(?= )|n['’](?= )|em\b|tis\b|twas\b)"
    r"|(?<![\w.,?])[0-9]{1,3}\?(?=/10\b| (?:out of|stars|hours?|years|months|weeks|feet)\b)"
)
# A dash: a lonely mark between words of one sentence.
_DASH = re.compile(
    rf"(?P<last>{_LETTER}{{1,40}}+) \?(?= (?P<next>[^\W\d_A-ZÀ-Þ][\w'’]{{0,30}}+)(?!\?))"
)
# Who puts a space before a mark that ends a sentence, as French does, asks with ` ?`.
_SPACED_MARK = re.compile(r"\s(?:\?(?=\s*+(?:\Z|[A-ZÀ-Þ]))|[!:;](?=\s|\Z))")
_FAR = 120  # characters; how far back a clause is looked at
_CLAUSE_END = re.compile(r"[.!\n]|\?(?!\w)")
_WORD = re.compile(r"[\w'’]+")
# What makes a clause a question. Mostly it comes first, but `the plot is what?` asks as well.
_ASKING = frozenset(
    "who what why how when where which whose whom do does did don doesn didn is are was were isn"
    " aren wasn weren am can cannot could couldn would wouldn will won should shouldn shall has"
    " hasn have haven had hadn may might must really right huh eh ok okay seriously sure honestly"
    " anyone anybody perhaps maybe you u ya un une les des du est pas qui quoi quel quelle quels"
    " quelles pourquoi comment quand combien où est es je tu il elle nous vous ils elles que qué"
    " quién cómo dónde wer wie warum ist sind hast".split()
)
_ANSWERING = frozenset(
    "yes no not yeah yep nope nah maybe perhaps i i'd i'll i'm i've well because absolutely"
    " definitely certainly surely sure hardly barely indeed exactly obviously probably possibly"
    " apparently never none nothing nobody try see watch go skip forget don't think or what who"
    " why how then oui non si pas enfin bof really seriously ok okay wow ugh geez yikes lol haha"
    " meh yawn yuck hmm omg wtf please thanks come give let get take save stay buy you your put it"
    " that's for".split()
)
# A question may lack its verb: `worth seeing?`, `my verdict?`, `the best part of the film?`
_ENGLISH = frozenset(
    "the of and to in that it with as his her their its this these those by from at an my our he"
    " she they we but or not all one who between through".split()
)
_BEGINS_QUESTION = frozenset(
    "want wanna need fancy ready looking care like love hate got ever any worth fan tired bored"
    " curious interested remember know see seen heard think guess feel coincidence overrated"
    " underrated best worst good bad great too".split()
)
_JOINING = frozenset("and but so then or if still now also plus overall".split())
_DETERMINERS = frozenset("the a an my your his her its our their this that these those".split())
_TOPICS = frozenset(
    "best worst only biggest greatest main real final first last next reason reasons result"
    " verdict problem moral point question answer downside upside conclusion plot".split()
)
_SUBJECTS = frozenset("i he she we they it".split())
_LONG, _SHORT = 6, 3  # words; shorter clauses lack verbs more often


def lost_characters(text: str) -> Iterator[Span]:
    """Find words that hold a `?` for a lost character, and places where a mark is alone."""
    if "?" not in text:
        return
    last = 0
    for span in sorted((*_in_words(text), *_quoted(text), *_signed(text), *_dashes(text))):
        if span.start >= last:
            last = span.end
            yield span


def _in_words(text: str) -> Iterator[Span]:
    token = Span(0, 0)
    is_address = False
    for found in _MARKED_WORD.finditer(text):
        if found.start() >= token.end:
            token = token_around(text, found.start(), token.end)
            is_address = bool(_ADDRESS.search(text, token.start, token.end))
        if is_address:
            continue
        word = found[0].lstrip("'’-")
        start = found.end() - len(word)
        if _is_known(word):
            yield Span(start, found.end())
        elif _is_damaged(word) or _is_dash(text, start, word):
            yield Span(start, start + len(word.rstrip("?'’-")))  # the last mark may ask


def _is_damaged(word: str) -> bool:
    if _is_known(word.rstrip("?")):
        return True
    pieces = word.split("?")
    return any(_is_lost_between(*pair) for pair in pairwise(pieces))


def _is_dash(text: str, start: int, word: str) -> bool:
    """Return whether a mark replaces a dash between two words of a sentence that asks nothing."""
    left, _, right = word.partition("?")
    is_between = left[-1:].islower() and right[:1].islower()
    return is_between and not _asks(text, start + len(left), right.partition("?")[0])


def _asks(text: str, position: int, following: str) -> bool:
    """Return whether the clause before a mark, or the word after it, lets it be a question's."""
    if _plain(following) in _ANSWERING:
        return True
    clause = _CLAUSE_END.split(text[max(0, position - _FAR) : position])[-1]
    words = list(map(_plain, _WORD.findall(clause)))
    if not _ASKING.isdisjoint(word.partition("'")[0] for word in words):
        return True
    if _ENGLISH.isdisjoint((*words, _plain(following))):
        return True  # what its questions look like is not known here
    return not _states(words, before_article=_plain(following) == "an")


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")


def _states(words: list[str], *, before_article: bool) -> bool:
    """Return whether a clause that no word makes a question has a verb, as far as that shows.

    After a dash, `an` begins another name of what comes before it; answers begin with `a bit`.
    """
    while words and words[0] in _JOINING:
        del words[0]
    if not words or words[0] in _BEGINS_QUESTION:
        return False
    if any(pair[0] in _DETERMINERS and pair[1] in _TOPICS for pair in pairwise(words)):
        return False
    if before_article:
        return True
    least = _LONG if words[0] in _DETERMINERS else 2 if words[0] in _SUBJECTS else _SHORT
    return len(words) >= least


def _is_known(word: str) -> bool:
    return word.lower().rstrip("'’-") in _KNOWN_LOST


def _is_lost_between(left: str, right: str) -> bool:
    """Return whether two pieces are parts of one word."""
    if right[:1].islower() and _ELIDED.fullmatch(left):
        return True
    if not left or not right or not left[-1].isalpha():
        return False
    if not right[0].islower() and not (left.isupper() and right.isupper()):
        return False
    if f"{left}?{right}".lower().startswith(_SWEARING):
        return False
    if right.lower() in _CONTRACTIONS:
        return True
    return not (_may_be_word(left) and _may_be_word(right))


def _may_be_word(piece: str) -> bool:
    piece = piece.lower()
    if len(piece) <= _LONGEST_SHORT or _VOWELS.isdisjoint(piece):
        return piece in _SHORT_WORDS or bool(_DRAWN_OUT.search(piece))
    return True


def _quoted(text: str) -> Iterator[Span]:
    for found in _QUOTED.finditer(text):
        words = _WORD.findall(found["inside"])
        if len(words) <= _MOST_QUOTED and _plain(words[0]) not in _ASKING | _ANSWERING:
            yield Span(*found.span())


def _signed(text: str) -> Iterator[Span]:
    for found in _SIGNED.finditer(text):
        yield Span(*found.span())


def _dashes(text: str) -> Iterator[Span]:
    if " ? " not in text or _SPACED_MARK.search(text):
        return
    for found in _DASH.finditer(text):
        if not _asks(text, found.end("last"), found["next"]):
            yield Span(found.start(), found.end("next"))
