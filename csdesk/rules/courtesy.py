"""Whether a customer's message is mere courtesy ("ok, thanks"), so that it wants no answer and reopens nothing. Pure.

Rule: courtesy is said in words of courtesy alone, one of thanks or assent among them, without a question or a figure;
what stands below a closing formula is the signature. In doubt it is a message like any other: a needless reopening
costs a glance, a lost complaint a customer. Source: the desk's own.
"""

from __future__ import annotations

from csdesk.rules.text import words


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Thanks and assent, by language; one of them makes a courtesy. Words as `rules.text.words` gives them: plain letters.
THANKS = _set(
    "ok okay okey thanks thank thankyou thx ty cheers great perfect excellent wonderful super noted received fine "
    "understood appreciated brilliant lovely perfekt "
    "danke dankeschon vielen alles klar verstanden passt prima "
    "merci parfait entendu recu compris accord "
    "gracias vale perfecto recibido entendido "
    "grazie perfetto ricevuto bene "
    "obrigado obrigada perfeito recebido "
    "dank bedankt prima begrepen ontvangen "
    "tack takk tak kiitos dziekuje dekuji diky спасибо 谢谢 ありがとう"
)
# What is said around them.
AROUND = _set(
    "you very much so many a lot all for the your this that it is was quick help reply answer message information info "
    "mail email update response good nice day week weekend evening morning afternoon have hi hello dear and d "
    "well us we i team everyone everybody sir madam really truly kindly appreciate got from me indeed both "
    "sehr schon fur die das den ihre ihren deine schnelle hilfe antwort nachricht mail und gut guten tag lieben hallo "
    "schonen abend wochenende noch mal ihnen dir euch herzlichen besten super gerne "
    "beaucoup bien pour votre ton aide reponse message bonjour bonne journee soiree mille tres a vous et de la le "
    "muchas mucho por su tu la ayuda respuesta hola buen buenos dia dias buenas tardes bueno muy y "
    "mille molto per il suo tuo aiuto la risposta buongiorno ciao buona giornata e tante "
    "muito pela sua ajuda resposta bom dia ola boa tarde e "
    "je wel u voor uw jouw hulp antwoord het bericht fijne dag hartelijk en goede hoi "
    "sa mycket for hjalpen hjelpen hjaelpen mange tusen ha bra "
    "bardzo za pomoc moc paljon"
)
CLOSING = _set(
    "regards sincerely best yours grusse grussen gruss mfg vg lg cordialement salutations saludos cordiali saluti "
    "atenciosamente cumprimentos groeten groet vriendelijke halsningar hilsen pozdrawiam"
)
_FORMULA = _set("kind warm with mit freundlichen freundliche viele liebe bien met cordiales kindest")  # beside them
SIGNS = frozenset("👍🙏😊🙂😀👌✅❤♥☺")
MOST_WORDS = 20


def is_courtesy(text: str) -> bool:
    """Whether a message says nothing but thanks or assent, in a few languages; never for one that asks, names a figure,
    or has any other word. Lines quoted with > do not count, nor what follows a closing formula.

    Rule: only words of courtesy, at least one of thanks or assent; at most twenty.
    """
    said = _said(text)
    if "?" in said or any(each.isdigit() for each in said):
        return False
    found = words(said)
    thanked = any(each in THANKS for each in found) or any(each in SIGNS for each in said)
    return thanked and len(found) <= MOST_WORDS and all(each in THANKS or each in AROUND for each in found)


def _said(text: str) -> str:
    """The message without quoted lines and without its signature."""
    kept: list[str] = []
    for line in text.strip().splitlines():
        if line.lstrip().startswith(">"):
            continue
        if line.strip() == "--":
            break
        if kept and _closes(line):
            break
        kept.append(line)
    return "\n".join(kept)


def _closes(line: str) -> bool:
    """Whether a line is a closing formula: a few words, all of them of one or around it."""
    found = words(line)
    return (
        0 < len(found) <= 4
        and any(each in CLOSING for each in found)
        and all(each in CLOSING or each in AROUND or each in _FORMULA for each in found)
    )
